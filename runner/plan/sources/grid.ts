import type { Assignment, Constraint, Parameter, ParameterValue } from '../../model/experiment.ts';
import { cannotHold, type Span } from '../../model/parameter-space.ts';
import { pointOf } from '../point.ts';
import { gridLevels } from './levels.ts';

/**
 * Steps of a search without a new point. What no values of the parameters that are still open could mend is left out whole, so that only what was
 * tried, and constraints that exclude each other, take steps; these must not hold the process.
 */
const MOST_FRUITLESS = 1_000_000;
const MOST_COUNTED = 100_000;

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

/** How many points of the grid are left to try; counting ends at `most`, or where more than anybody runs have been counted. */
export function countOnGrid(input: GridInput, most: number): number {
  return untried(input).take(Math.min(most, MOST_COUNTED)).toArray().length;
}

function* untried({ parameters, constraints, tried, limit }: GridInput): Generator<SourcePoint, undefined> {
  const axes = gridLevels(parameters, limit).map((values, at) => ({ name: parameters[at]!.name, values }));
  let fruitless = 0;

  /** `spans` are those of the axes from `at` on, and the values of the others. */
  function* visit(at: number, index: number, assignments: Assignment[], spans: ReadonlyMap<string, Span>): Generator<SourcePoint> {
    const axis = axes[at];
    if (axis === undefined) {
      if (tried.has(pointOf(assignments))) return;
      fruitless = 0;
      yield { index, assignments };
      return;
    }
    const { name, values } = axis;
    for (const [place, value] of values.entries()) {
      fruitless += 1;
      if (fruitless > MOST_FRUITLESS) return;
      const narrowed = typeof value === 'number' ? new Map(spans).set(name, { least: value, most: value }) : spans;
      if (constraints.some((constraint) => cannotHold(constraint, narrowed))) continue;
      yield* visit(at + 1, index * values.length + place, [...assignments, { name, value }], narrowed);
    }
  }

  yield* visit(0, 0, [], new Map(axes.flatMap(({ name, values }) => spanOf(values).map((span) => [name, span]))));
  return undefined;
}

/** Levels are in ascending order. */
function spanOf(values: readonly ParameterValue[]): Span[] {
  const [least, most] = [values[0], values.at(-1)];
  return typeof least === 'number' && typeof most === 'number' ? [{ least, most }] : [];
}
