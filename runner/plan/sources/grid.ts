import type { Assignment, Constraint, Parameter, ParameterValue } from '../../model/experiment.ts';
import { violatedConstraints } from '../../model/parameter-space.ts';
import { pointOf } from '../point.ts';
import { gridLevels } from './levels.ts';

/** Bounds one search, so that a grid whose points all violate a constraint cannot hold the process. */
const MAX_POINTS_SEARCHED = 100_000;

export type GridInput = {
  parameters: readonly Parameter[];
  constraints: readonly Constraint[];
  /** Points (point.ts) that were tried or are being tried. */
  tried: ReadonlySet<string>;
  /** Most points the grid should have; absent: as many as its steps and values make. */
  limit?: number;
};

/** A point and its place in the source's order. */
export type SourcePoint = { index: number; assignments: Assignment[] };

/**
 * The first point of the grid that meets the constraints and was not tried; undefined when there is none left.
 *
 * The order is that of nested loops, the last parameter varying fastest. It is searched from its beginning each time,
 * so that a grid that became finer (a larger budget) or wider (a new range) also visits its new points among the old.
 */
export function nextOnGrid(input: GridInput): SourcePoint | undefined {
  return untried(input).next().value;
}

/** How many points of the grid are left to try; counting ends at `most`. */
export function countOnGrid(input: GridInput, most: number): number {
  return untried(input).take(most).toArray().length;
}

function* untried({ parameters, constraints, tried, limit }: GridInput): Generator<SourcePoint, undefined> {
  const levels = gridLevels(parameters, limit);
  const size = levels.reduce((product, values) => product * values.length, 1);
  for (let index = 0; index < Math.min(size, MAX_POINTS_SEARCHED); index += 1) {
    const assignments = pointAt(index, parameters, levels);
    if (!tried.has(pointOf(assignments)) && violatedConstraints(constraints, assignments).length === 0) yield { index, assignments };
  }
  return undefined;
}

/** Reads the index as a number in mixed radix, one digit per parameter. */
function pointAt(index: number, parameters: readonly Parameter[], levels: readonly ParameterValue[][]): Assignment[] {
  let rest = index;
  return parameters
    .map(({ name }, at) => ({ name, values: levels[at]! }))
    .reverse()
    .map(({ name, values }) => {
      const value = values[rest % values.length]!;
      rest = Math.floor(rest / values.length);
      return { name, value };
    })
    .reverse();
}
