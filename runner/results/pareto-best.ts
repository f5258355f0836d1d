import type { Metric } from '../model/experiment.ts';
import type { CandidateTrial } from './candidate-trials.ts';

/**
 * Numbers of the trials that no other trial dominates: is at least as good in every metric and better in one. Equal
 * trials stand side by side; a trial that lacks a value takes no part.
 */
export function paretoBest(metrics: readonly Pick<Metric, 'name' | 'minimize'>[], candidates: readonly CandidateTrial[]): number[] {
  const trials = candidates
    .map(({ number, values }) => ({
      number,
      costs: metrics.map(({ name, minimize }) => (values[name] ?? NaN) * (minimize ? 1 : -1)),
    }))
    .filter(({ costs }) => !costs.some(Number.isNaN));
  return trials.filter((trial) => !trials.some((other) => dominates(other.costs, trial.costs))).map(({ number }) => number);
}

function dominates(costs: readonly number[], others: readonly number[]): boolean {
  return costs.every((cost, at) => cost <= others[at]!) && costs.some((cost, at) => cost < others[at]!);
}
