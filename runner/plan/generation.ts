import type { Assignment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import type { SuggestionSource } from '../model/trial.ts';

/** What a record and a trial without one have in common. */
export type BegunTrial = { number: number; assignments: Assignment[]; source: SuggestionSource };

/**
 * The records of the definition with this digest, by number: those that count. Older ones are kept and shown, never
 * used, and an experiment that returns to an earlier definition finds its records again.
 */
export function currentGeneration(records: readonly TrialRecord[], digest: string): TrialRecord[] {
  return records.filter(({ spec }) => spec.definition.digest === digest).sort((a, b) => a.spec.number - b.spec.number);
}

/** The trials that say something about their assignments: they count in the budget and for the failure policy. */
export function countedTrials(generation: readonly TrialRecord[]): TrialRecord[] {
  return generation.filter((record) => !failedByInfrastructure(record));
}

export function failedByInfrastructure({ status }: TrialRecord): boolean {
  return status.failure?.infrastructure === true;
}
