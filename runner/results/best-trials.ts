import type { Metric } from '../model/experiment.ts';
import { percentChange } from '../progress/percent.ts';
import type { CandidateTrial } from './candidate-trials.ts';

export type BestTrial = {
  metric: string;
  number: number;
  value: number;
  /** Against the baseline, in percent; absent without a baseline's value or when it is zero. */
  change?: number;
};

/** For each metric the first trial with its best value; metrics that no trial measured are left out. */
export function bestTrials(
  metrics: readonly Pick<Metric, 'name' | 'minimize'>[],
  candidates: readonly CandidateTrial[],
  baseline: Record<string, number> | undefined,
): BestTrial[] {
  return metrics.flatMap(({ name, minimize }) => {
    const measured = candidates.flatMap(({ number, values }) => {
      const value = values[name];
      return value === undefined ? [] : [{ number, value }];
    });
    const [best] = measured.sort((a, b) => (minimize ? a.value - b.value : b.value - a.value) || a.number - b.number);
    if (best === undefined) return [];
    const from = baseline?.[name];
    const change = from === undefined ? undefined : percentChange(best.value, from);
    return [{ metric: name, ...best, ...(change !== undefined && { change }) }];
  });
}
