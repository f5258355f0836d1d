import type { Experiment } from '../model/experiment.ts';
import type { Suggestion } from '../model/trial.ts';
import type { BegunTrial } from './generation.ts';
import { baselineOf, pointOf } from './point.ts';
import { nextOnGrid } from './sources/grid.ts';
import { nextRandom } from './sources/random.ts';

/**
 * Asks the source that `spec.suggest` names; undefined when it has nothing new. Points of the trials begun in this
 * generation are not repeated.
 */
export function suggestFromSource(
  { parameters, constraints, suggest }: Pick<Experiment, 'parameters' | 'constraints' | 'suggest'>,
  begun: readonly BegunTrial[],
): Suggestion | undefined {
  if (suggest.source === 'manual') return undefined;

  const tried = new Set(begun.map(({ assignments }) => pointOf(assignments)));
  const point =
    suggest.source === 'grid'
      ? nextOnGrid({
          parameters,
          constraints,
          tried,
          limit: gridLimit(suggest.budget, baselineOf(parameters) !== undefined),
        })
      : nextRandom({ parameters, constraints, tried, index: indexAfter(begun), seed: suggest.seed });
  return point && { assignments: point.assignments, source: { type: suggest.source, index: point.index } };
}

/** The baseline takes its share of the budget, and is on the grid only by chance. */
function gridLimit(budget: number | undefined, hasBaseline: boolean): number | undefined {
  return budget === undefined ? undefined : Math.max(1, budget - Number(hasBaseline));
}

function indexAfter(begun: readonly BegunTrial[]): number {
  return begun.reduce((next, { source }) => (source.type === 'random' ? Math.max(next, source.index + 1) : next), 0);
}
