import type { TrialRecord } from '../model/record.ts';
import { failedByInfrastructure } from './generation.ts';

/** Two suggestions, each tried twice. */
const MOST_IN_A_ROW = 4;

/**
 * Says so when the last trials that this run began were all failed by the infrastructure. They count nowhere else, so
 * without this an outage would consume suggestions without end; the next run begins afresh. A trial that a dead runner
 * left behind (`Interrupted`) says nothing about today's infrastructure, whoever recorded it.
 */
export function repeatedInfrastructureFailure(generation: readonly TrialRecord[], run: string): string | undefined {
  const ownTrials = generation.filter(({ spec, status }) => spec.runner.run === run && status.failure?.reason !== 'Interrupted');
  const last = ownTrials.slice(-MOST_IN_A_ROW);
  if (last.length < MOST_IN_A_ROW || !last.every(failedByInfrastructure)) return undefined;
  const { reason, message } = last.at(-1)!.status.failure!;
  return `the infrastructure failed the last ${MOST_IN_A_ROW} trials of this run, most recently ${reason}: ${message}`;
}
