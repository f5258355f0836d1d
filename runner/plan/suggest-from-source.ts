import type { Experiment, Parameter } from '../model/experiment.ts';
import type { Suggestion } from '../model/trial.ts';
import type { BegunTrial } from './generation.ts';
import { baselineOf, pointOf } from './point.ts';
import { countOnGrid, nextOnGrid } from './sources/grid.ts';
import { nextRandom } from './sources/random.ts';

/**
 * Asks the source that `spec.suggest` names, where it is one of our own; undefined when it has nothing new. Points of the trials begun in this
 * generation are not repeated.
 */
export function suggestFromSource(
  { parameters, constraints, suggest }: Pick<Experiment, 'parameters' | 'constraints' | 'suggest'>,
  begun: readonly BegunTrial[],
): Suggestion | undefined {
  if (suggest.source === 'manual' || suggest.source === 'remote') return undefined;

  const tried = new Set(begun.map(({ assignments }) => pointOf(assignments)));
  const point =
    suggest.source === 'grid'
      ? nextOnGrid({ parameters, constraints, tried, limit: gridLimit(suggest.budget, parameters) })
      : nextRandom({ parameters, constraints, tried, index: indexAfter(begun), seed: suggest.seed });
  return point && { assignments: point.assignments, source: { type: suggest.source, index: point.index } };
}

/** How many points the source may still suggest besides those begun, counted up to `most`. */
export function countFromSource(
  { parameters, constraints, suggest }: Pick<Experiment, 'parameters' | 'constraints' | 'suggest'>,
  begun: readonly Pick<BegunTrial, 'assignments'>[],
  most: number,
): number {
  if (suggest.source === 'manual') return 0;
  // A space that is sampled ends before the budget only where it is tiny, and counting it would take as long as trying it.
  if (suggest.source !== 'grid') return most;
  const tried = new Set(begun.map(({ assignments }) => pointOf(assignments)));
  return countOnGrid({ parameters, constraints, tried, limit: gridLimit(suggest.budget, parameters) }, most);
}

/** The baseline takes its share of the budget, and is on the grid only by chance. */
function gridLimit(budget: number | undefined, parameters: readonly Parameter[]): number | undefined {
  return budget === undefined ? undefined : Math.max(1, budget - Number(baselineOf(parameters) !== undefined));
}

function indexAfter(begun: readonly BegunTrial[]): number {
  return begun.reduce((next, { source }) => (source.type === 'random' ? Math.max(next, source.index + 1) : next), 0);
}
