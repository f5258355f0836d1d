import { checkDefinitions, type CheckedDefinitions } from '../check-definitions.ts';
import { loadRepository } from '../definition/load-repository.ts';
import { formatProblem } from '../model/errors.ts';
import { selectExperiments } from '../select-experiments.ts';
import { rehearseExperiment, type Rehearsal, type RehearsalDeps, type RehearsalOptions } from './rehearse-experiment.ts';

export type Rehearsals = {
  /** By file. */
  rehearsals: Rehearsal[];
  /** What keeps experiments from being rehearsed, and what is wrong with files that belong to none. */
  problems: string[];
};

/**
 * Rehearses these experiments of a repository as it lies in its folder, or all of them, one after the other. What is invalid is a problem
 * of the result and not thrown; UsageError for a name that no experiment has.
 */
export async function rehearse(
  names: readonly string[],
  options: RehearsalOptions,
  deps: RehearsalDeps,
  signal: AbortSignal,
): Promise<Rehearsals> {
  const repository = await loadRepository(deps.files);
  const definitions = await checkDefinitions(repository, deps.files, options.image);
  const invalid = definitions.invalid.filter(({ name }) => names.length === 0 || names.includes(name));
  const valid = names.filter((name) => !invalid.some((each) => each.name === name));
  const nothingLeft = names.length > 0 && valid.length === 0;
  const { checked, problems } = nothingLeft ? NOTHING : selectExperiments({ ...definitions, invalid: [] }, valid);
  const rehearsals: Rehearsal[] = [];
  // One after the other: each has its own clock, and theirs would wait for each other's work.
  for (const each of checked) rehearsals.push(await rehearseExperiment(each, options, deps, signal));
  const none = repository.experiments.length === 0 ? ['no experiments found; expected experiments/<name>/experiment.yaml'] : [];
  const lines = [...invalid.flatMap((each) => each.problems), ...problems].map(formatProblem);
  return { rehearsals, problems: [...new Set([...none, ...lines])] };
}

const NOTHING: Pick<CheckedDefinitions, 'checked' | 'problems'> = { checked: [], problems: [] };
