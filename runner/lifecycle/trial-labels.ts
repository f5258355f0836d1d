import { LABELS } from '../model/names.ts';
import type { Trial } from '../model/trial.ts';

/** The labels by which everything that a trial creates is found and told from everybody else's. */
export function trialLabels(trial: Trial, role: 'trialRun' | 'trialSetup'): Record<string, string> {
  return {
    [LABELS.experiment]: trial.experiment,
    [LABELS.trial]: trial.name,
    [LABELS.role]: role,
    [LABELS.trialUid]: trial.uid,
  };
}
