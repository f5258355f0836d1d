import type { CheckedExperiment } from '../check-definitions.ts';
import { describeTouches, uniteTouches, type Touches } from '../lifecycle/describe-touches.ts';
import { renderTrial } from '../lifecycle/render-trial.ts';
import type { ApiKeys } from '../metrics/access/api-keys.ts';
import { InvalidInput } from '../model/errors.ts';
import type { Assignment } from '../model/experiment.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { otherAssignments, type Tryable } from './other-assignments.ts';
import { suggestionId } from './suggestion-id.ts';

export type ExperimentTouches = {
  touches: Touches;
  /** What they do not cover: values and suggestions beyond what is looked at, and those with which no trial can be rendered. */
  unseen: string[];
};

/**
 * What trials of an experiment may touch: the first one, and those of its other categories and suggestions (other-assignments.ts), first
 * of those that it did not have `before`.
 */
export async function experimentTouches(
  first: RenderedTrial,
  checked: CheckedExperiment,
  keys: ApiKeys,
  before?: CheckedExperiment,
): Promise<ExperimentTouches> {
  const { experiment, source } = checked;
  const { assignments: others, left } = otherAssignments(first.trial.assignments, tryable(checked), before && tryable(before));
  const touches: Touches[] = [];
  const unseen = [...left];
  // One after the other: with charts packed a rendered trial is large.
  for (const assignments of others) {
    try {
      const rendered = await renderTrial({ ...first.trial, assignments }, source);
      touches.push(describeTouches(rendered, experiment, keys));
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      unseen.push(`${difference(assignments, first.trial.assignments)}: ${error.problems[0]?.message}`);
    }
  }
  return { touches: uniteTouches(describeTouches(first, experiment, keys), touches), unseen };
}

function tryable({ experiment: { parameters }, loaded: { queue } }: CheckedExperiment): Tryable {
  const valid = queue.filter(({ problems }) => problems.length === 0);
  return { parameters, suggested: valid.map((each) => ({ id: suggestionId(each), assignments: each.assignments })) };
}

function difference(assignments: readonly Assignment[], from: readonly Assignment[]): string {
  return assignments
    .filter(({ name, value }) => !from.some((each) => each.name === name && each.value === value))
    .map(({ name, value }) => `${name}=${value}`)
    .join(' ');
}
