import type { Experiment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import { valuesOf } from './values-of.ts';

export type CandidateTrial = { number: number; values: Record<string, number> };

/**
 * The trials that may be called best: completed and within every bound, which a baseline may violate and still complete
 * (R§24.5).
 */
export function candidateTrials({ metrics }: Pick<Experiment, 'metrics'>, generation: readonly TrialRecord[]): CandidateTrial[] {
  return generation
    .filter(({ status }) => status.phase === 'Completed')
    .map((record) => ({ number: record.spec.number, values: valuesOf(record) }))
    .filter(({ values }) =>
      metrics.every(({ name, min = -Infinity, max = Infinity }) => {
        const value = values[name];
        return value === undefined || (value >= min && value <= max);
      }),
    );
}
