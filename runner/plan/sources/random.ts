import type { Assignment, Constraint, Parameter, ParameterValue } from '../../model/experiment.ts';
import { violatedConstraints } from '../../model/parameter-space.ts';
import { pointOf } from '../point.ts';
import type { SourcePoint } from './grid.ts';
import { haltonSequence } from './halton.ts';
import { nearestValue, valueAtStep, valueCount, type NumericParameter } from './steps.ts';

/**
 * Points looked at for one suggestion; a space where all of them are tried or violate a constraint counts as exhausted.
 */
const MAX_DRAWS = 10_000;

export type RandomInput = {
  parameters: readonly Parameter[];
  constraints: readonly Constraint[];
  /** Points (point.ts) that were tried or are being tried. */
  tried: ReadonlySet<string>;
  /** Where in the sequence to begin: after the highest index of this source that the generation knows. */
  index: number;
  seed: number;
};

/**
 * The next point of an even random sequence that meets the constraints and was not tried; undefined when none was
 * found.
 *
 * Each value of an integer, of a stepped double or of a category is as likely as the others; on a log scale each has
 * the likelihood of its share of the logarithmic range.
 */
export function nextRandom({ parameters, constraints, tried, index, seed }: RandomInput): SourcePoint | undefined {
  const pointAt = haltonSequence(parameters.length, seed);
  for (let draw = index; draw < index + MAX_DRAWS; draw += 1) {
    const fractions = pointAt(draw);
    const assignments: Assignment[] = parameters.map((parameter, at) => ({
      name: parameter.name,
      value: valueAt(parameter, fractions[at]!),
    }));
    if (!tried.has(pointOf(assignments)) && violatedConstraints(constraints, assignments).length === 0) return { index: draw, assignments };
  }
  return undefined;
}

function valueAt(parameter: Parameter, fraction: number): ParameterValue {
  const nth = Math.floor(fraction * valueCount(parameter));
  if (parameter.type === 'categorical') return parameter.values[nth]!;
  if (parameter.scale === 'log') return logValueAt(parameter, fraction);
  if (parameter.step !== undefined) return valueAtStep(parameter, nth);
  return nearestValue(parameter, parameter.min + fraction * (parameter.max - parameter.min));
}

/**
 * Steps own the half step on either side, the first and the last too, else the ends would come half as often as they
 * should.
 */
function logValueAt(parameter: NumericParameter, fraction: number): number {
  const { min, max, step = 0 } = parameter;
  const from = min - Math.min(step, min) / 2;
  const to = max + step / 2;
  return nearestValue(parameter, from * (to / from) ** fraction);
}
