import type { Timeouts } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';

/**
 * How long the next trial is expected to take, in milliseconds: the median of those that completed, from their first
 * stage's start to their last stage's end; without any, the sum of the timeouts. Failed trials often end early and
 * would promise too much.
 */
export function expectedDuration(records: readonly TrialRecord[], timeouts: Timeouts): number {
  const durations = records
    .filter(({ status }) => status.phase === 'Completed')
    .map(trialDuration)
    .filter((duration) => duration !== undefined);
  return median(durations) ?? Object.values(timeouts).reduce((sum, timeout) => sum + timeout, 0);
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

function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [lower, upper] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}
