import type { TrialRecord } from '../model/record.ts';
import { failedByInfrastructure } from '../plan/generation.ts';
import { pointOf } from '../plan/point.ts';

/**
 * How many of the trials that were wanted have no result of their own, neither values nor a fault: the infrastructure failed them, or they
 * were never begun. Where the experiment has no more points (`isExhausted`) only those are wanted that were begun.
 */
export function countMissed(
  records: readonly TrialRecord[],
  { trials, isExhausted }: { trials: number; isExhausted: boolean },
): { wanted: number; missed: number } {
  const met = records.filter((record) => !failedByInfrastructure(record));
  const [wanted, done] = isExhausted ? [countPoints(records), countPoints(met)] : [trials, met.length];
  return { wanted, missed: Math.max(0, wanted - done) };
}

function countPoints(records: readonly TrialRecord[]): number {
  return new Set(records.map(({ spec }) => pointOf(spec.assignments))).size;
}
