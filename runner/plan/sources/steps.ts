import type { Parameter } from '../../model/experiment.ts';

export type NumericParameter = Exclude<Parameter, { type: 'categorical' }>;

/** How many values a parameter can take: Infinity for a double without a step. */
export function valueCount(parameter: Parameter): number {
  if (parameter.type === 'categorical') return parameter.values.length;
  const { min, max, step } = parameter;
  if (min === max) return 1;
  // The quotient of two decimals such as 0.3 / 0.1 may fall short of the whole number it means.
  return step === undefined ? Infinity : Math.floor(withoutNoise((max - min) / step)) + 1;
}

/** The n-th value counted from the minimum, for a parameter that has steps. */
export function valueAtStep({ min, step }: NumericParameter, n: number): number {
  return withoutNoise(min + n * (step ?? 0));
}

/** The permitted value nearest to a number: on a step where there are steps, always within the range. */
export function nearestValue(parameter: NumericParameter, number: number): number {
  const { min, max, step } = parameter;
  if (step === undefined) return Math.min(max, Math.max(min, withoutNoise(number)));
  const last = valueCount(parameter) - 1;
  return valueAtStep(parameter, Math.min(last, Math.max(0, Math.round((number - min) / step))));
}

/** Twelve significant digits: 0.1 + 2 · 0.1 is 0.3, in patches and in records alike. */
function withoutNoise(number: number): number {
  return Number(number.toPrecision(12));
}
