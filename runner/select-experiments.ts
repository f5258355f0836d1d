import type { CheckedDefinitions, CheckedExperiment } from './check-definitions.ts';
import { InvalidInput, UsageError, type Problem } from './model/errors.ts';
import { nearest } from './model/nearest.ts';

/**
 * The definitions of these experiments, in the repository's order, with the problems that concern them: those of their suggestions, as
 * they themselves are valid. Without names everything. Throws InvalidInput with the problems of one that is invalid, UsageError for a
 * name that none has.
 */
export function selectExperiments(definitions: CheckedDefinitions, wanted: readonly string[]): CheckedDefinitions {
  if (wanted.length === 0) return definitions;
  const { checked, invalid, problems } = definitions;
  const known = [...checked.map(({ experiment }) => experiment.name), ...invalid.map(({ name }) => name)];
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(unknown.map((name) => unknownExperiment(name, known)).join('; '));
  const broken = invalid.filter(({ name }) => wanted.includes(name)).flatMap((each) => each.problems);
  if (broken.length > 0) throw new InvalidInput(broken);
  const selected = checked.filter(({ experiment }) => wanted.includes(experiment.name));
  return { checked: selected, invalid: [], problems: problems.filter((problem) => selected.some((each) => isBeside(problem, each))) };
}

/** `there is no experiment "sizng"; did you mean "sizing"?`, or the list of those there are when none is near. */
export function unknownExperiment(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `there is no experiment "${name}"; ${meant === undefined ? `experiments are: ${known.join(', ') || 'none'}` : `did you mean "${meant}"?`}`;
}

function isBeside({ file }: Problem, { loaded }: CheckedExperiment): boolean {
  return file.startsWith(`${loaded.folder}/`);
}
