import type { Metric } from '../model/experiment.ts';

/** How far apart the bounds are that a metric does not have. */
const SPAN = 100;

/** What a rehearsal takes for a metric's value: its sample, else a number within its bounds, another one for each trial. */
export function sampleValue({ sample, min, max }: Pick<Metric, 'sample' | 'min' | 'max'>, trialNumber: number): number {
  if (sample !== undefined) return sample;
  const low = min ?? (max === undefined || max > 0 ? 0 : max - SPAN);
  const high = max ?? low + SPAN;
  // Never on a bound, where a rounding would decide.
  const value = low + (high - low) * (0.25 + ((trialNumber * 0.31) % 0.5));
  return high - low >= 10 ? Math.round(value) : Number(value.toPrecision(4));
}
