import { isDeepStrictEqual } from 'node:util';
import type { CheckedDefinitions, CheckedExperiment } from './check-definitions.ts';
import { formatProblem } from './model/errors.ts';
import type { Stop } from './plan/plan-next.ts';

/**
 * Why an experiment that this run read may begin nothing more, now that its definition reads like this; undefined while it says the same.
 * Suggestion files are not part of the definition: the next run reads new ones.
 */
export function compareDefinition({ experiment, digest }: CheckedExperiment, now: CheckedDefinitions, commit: string): Stop | undefined {
  const at = `since commit ${commit.slice(0, 12)}`;
  const invalid = now.invalid.find(({ name }) => name === experiment.name);
  if (invalid !== undefined) {
    const [problem] = invalid.problems;
    return { reason: 'DefinitionChanged', message: `its definition is invalid ${at}: ${problem ? formatProblem(problem) : 'unknown'}` };
  }
  const after = now.checked.find((each) => each.experiment.name === experiment.name);
  if (after === undefined) return { reason: 'DefinitionRemoved', message: `its definition is gone ${at}` };
  if (after.experiment.replicas === 0) return { reason: 'Paused', message: `spec.replicas is 0 ${at}` };
  if (after.digest !== digest) {
    return { reason: 'DefinitionChanged', message: `its definition is another ${at}; the next run begins a new generation` };
  }
  if (!isDeepStrictEqual(after.experiment, experiment)) {
    return { reason: 'DefinitionChanged', message: `its definition is another ${at}; the next run goes on with it` };
  }
  return undefined;
}
