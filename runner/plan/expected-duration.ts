import type { Timeouts } from '../model/experiment.ts';
import { median } from '../model/median.ts';
import type { TrialRecord } from '../model/record.ts';

/**
 * How long the next trial is expected to take, in milliseconds: the median of those that completed, from their first
 * stage's start to their last stage's end; without any, the sum of the timeouts. Failed trials often end early and
 * would promise too much.
 */
export function expectedDuration(records: readonly TrialRecord[], timeouts: Timeouts): number {
  return usualDuration(records) ?? Object.values(timeouts).reduce((sum, timeout) => sum + timeout, 0);
}

/** The median of the trials that completed, in milliseconds; undefined without any. */
export function usualDuration(records: readonly TrialRecord[]): number | undefined {
  const durations = records
    .filter(({ status }) => status.phase === 'Completed')
    .map(trialDuration)
    .filter((duration) => duration !== undefined);
  return median(durations);
}

/**
 * Milliseconds between a trial's first stage's start and its last stage's end; undefined when no stage was recorded.
 */
export function trialDuration({ status: { stages } }: TrialRecord): number | undefined {
  if (stages.length === 0) return undefined;
  const starts = stages.map(({ startedAt }) => Date.parse(startedAt));
  const ends = stages.map(({ finishedAt }) => Date.parse(finishedAt));
  return Math.max(...ends) - Math.min(...starts);
}

/**
 * Whether a trial that begins now is expected to end by the deadline; without a deadline every trial is. All in
 * milliseconds.
 */
export function fitsInTime(now: number, deadline: number | undefined, duration: number): boolean {
  return deadline === undefined || now + duration <= deadline;
}
