import type { Metric } from '../model/experiment.ts';

/** What a value violates, undefined when it lies within the metric's bounds; these belong to the range (R§24.5). */
export function violatedBound({ name, min, max }: Pick<Metric, 'name' | 'min' | 'max'>, value: number): string | undefined {
  if (min !== undefined && value < min) return `metric ${name}: ${value} is below the minimum of ${min}`;
  if (max !== undefined && value > max) return `metric ${name}: ${value} is above the maximum of ${max}`;
  return undefined;
}
