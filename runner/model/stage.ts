/** The nine stages, in order; the names are the same in code, logs, records and docs. */
export const STAGES = [
  'create-experiment',
  'create-trial',
  'setup-create',
  'patch',
  'stabilize',
  'run',
  'collect',
  'report',
  'setup-delete',
] as const;

export type Stage = (typeof STAGES)[number];

/** The stages whose failure makes a trial Failed. */
export type TrialStage = Exclude<Stage, 'create-experiment' | 'report' | 'setup-delete'>;
