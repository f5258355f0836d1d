import type { Assignment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Suggestion } from '../model/trial.ts';
import { failedByInfrastructure, type BegunTrial } from './generation.ts';
import { pointOf } from './point.ts';

/**
 * The first trial that the infrastructure failed and that was not tried again: the same assignments, once; a retry is
 * not retried. `only` restricts this to one point: while the baseline is due, nothing else may run.
 */
export function nextRetry(
  generation: readonly TrialRecord[],
  begun: readonly BegunTrial[],
  only: readonly Assignment[] | undefined,
): Suggestion | undefined {
  const retried = new Set(begun.flatMap(({ source }) => (source.type === 'retry' ? [source.of] : [])));
  const failed = generation.find(
    (record) =>
      failedByInfrastructure(record) &&
      record.spec.source.type !== 'retry' &&
      !retried.has(record.spec.number) &&
      (only === undefined || pointOf(record.spec.assignments) === pointOf(only)),
  );
  if (failed === undefined) return undefined;
  const { assignments, number, source } = failed.spec;
  return { assignments, source: { type: 'retry', of: number, ...(source.type === 'remote' && { url: source.url }) } };
}
