import type { Parameter, ParameterValue } from '../../model/experiment.ts';
import { nearestValue, valueAtStep, valueCount, type NumericParameter } from './steps.ts';

/** Without a budget, a range that nobody divided is taken whole up to this many values ... */
const FEW_VALUES = 10;
/** ... and thinned to this many levels above: both ends, the middle and the quarters. */
const THINNED_LEVELS = 5;
/** A declared step is meant for the grid, unless it is so fine that it only says how exact a value is. */
const MOST_DECLARED_LEVELS = 1000;

/**
 * The values of each parameter that a grid combines, in ascending order, both ends included; categories are always
 * complete.
 *
 * With a limit (how many points the budget affords) every numeric parameter begins with its two ends, and the one with
 * the fewest levels gains another while the product stays within the limit. Without one, a declared step or a short
 * range is taken whole and a long range is thinned. Levels are spread evenly on the parameter's scale and then moved to
 * its steps, so there may be fewer.
 */
export function gridLevels(parameters: readonly Parameter[], limit: number | undefined): ParameterValue[][] {
  const counts = limit === undefined ? parameters.map(unlimitedCount) : affordableCounts(parameters, limit);
  return parameters.map((parameter, at) => (parameter.type === 'categorical' ? parameter.values : spread(parameter, counts[at] ?? 1)));
}

function unlimitedCount(parameter: Parameter): number {
  const all = valueCount(parameter);
  if (parameter.type === 'categorical' || all <= FEW_VALUES) return all;
  return hasDeclaredStep(parameter) ? Math.min(all, MOST_DECLARED_LEVELS) : THINNED_LEVELS;
}

/** An integer's step of 1 is the default, so it says nothing about the grid that is wanted. */
function hasDeclaredStep({ type, step }: NumericParameter): boolean {
  return type === 'integer' ? step !== 1 : step !== undefined;
}

function affordableCounts(parameters: readonly Parameter[], limit: number): number[] {
  const counts = parameters.map((parameter) =>
    parameter.type === 'categorical' ? parameter.values.length : Math.min(2, valueCount(parameter)),
  );
  while (true) {
    const next = fewestThatMayGrow(parameters, counts, limit);
    if (next === undefined) return counts;
    counts[next] = counts[next]! + 1;
  }
}

/** The position of the parameter with the fewest levels whose next one keeps the product within the limit. */
function fewestThatMayGrow(parameters: readonly Parameter[], counts: readonly number[], limit: number): number | undefined {
  const product = counts.reduce((total, count) => total * count, 1);
  let fewest: number | undefined;
  parameters.forEach((parameter, at) => {
    const count = counts[at]!;
    const mayGrow = count < valueCount(parameter) && (product / count) * (count + 1) <= limit;
    if (mayGrow && (fewest === undefined || count < counts[fewest]!)) fewest = at;
  });
  return fewest;
}

function spread(parameter: NumericParameter, count: number): number[] {
  if (count >= valueCount(parameter)) return Array.from({ length: count }, (_, n) => valueAtStep(parameter, n));
  const { min, max, scale } = parameter;
  const levels = Array.from({ length: count }, (_, n) => {
    const fraction = n / (count - 1);
    return nearestValue(parameter, scale === 'log' ? min * (max / min) ** fraction : min + (max - min) * fraction);
  });
  return [...new Set(levels)];
}
