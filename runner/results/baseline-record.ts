import type { Experiment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import { baselineOf, pointOf } from '../plan/point.ts';
import { valuesOf } from './values-of.ts';

/**
 * What today's settings measured in this generation; the last such trial that completed, because a queued file may
 * repeat the point.
 */
export function baselineRecord(
  { parameters }: Pick<Experiment, 'parameters'>,
  generation: readonly TrialRecord[],
): { number: number; values: Record<string, number> } | undefined {
  const assignments = baselineOf(parameters);
  if (assignments === undefined) return undefined;
  const point = pointOf(assignments);
  const record = generation.findLast(({ spec, status }) => status.phase === 'Completed' && pointOf(spec.assignments) === point);
  return record && { number: record.spec.number, values: valuesOf(record) };
}
