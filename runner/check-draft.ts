import { checkQueries } from './check-queries.ts';
import { checkTemplates } from './check-templates.ts';
import type { Draft } from './definition/draft.ts';
import type { LoadedExperiment } from './definition/load-experiment.ts';
import { formatPath, type Path } from './definition/locate.ts';
import { renderTrial, type RenderSource } from './lifecycle/render-trial.ts';
import { InvalidInput, type Problem } from './model/errors.ts';
import { areKnown, sampleOfDraft, type Sample } from './sample.ts';

/**
 * What is wrong with the templates of a definition that has problems, besides those problems: so that one list has everything, and
 * nothing that follows from what is in the list already.
 */
export async function checkDraft(
  { experiment, values, originalPath }: Draft,
  { file, problems, locate }: Pick<LoadedExperiment, 'file' | 'problems' | 'locate'>,
  place: Pick<RenderSource, 'files' | 'image' | 'timeouts'>,
): Promise<Problem[]> {
  const sample = sampleOfDraft(experiment, values);
  const inPlace = (problem: Problem): Problem =>
    problem.file === file ? { ...problem, path: pathInFile(problem.path, originalPath) } : problem;
  const queries = checkQueries(experiment.metrics, sample, locate).map(inPlace);
  const templates = (await checkTemplates(experiment, sample, locate, place.files)).map(inPlace);
  const rendering = (await renderingProblems(sample, { experiment, locate, ...place })).map(inPlace);
  const isUnjudged = (problem: Problem) => problem.file !== file || !problems.some(({ path }) => path === problem.path);
  return [
    ...queries.filter(isUnjudged),
    ...rendering.filter((problem) => problem.file !== file || isNews(problem, problems)),
    ...templates.filter(isUnjudged),
  ];
}

async function renderingProblems({ trial, values }: Sample, source: RenderSource): Promise<readonly Problem[]> {
  if (!areKnown(values)) return [];
  try {
    await renderTrial(trial, source);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems;
  }
}

/** Rules and schema judge an inline trial template as it is written, and its rendering would only say the same in other words. */
function isNews({ path }: Problem, problems: readonly Problem[]): boolean {
  const item = /^spec\.(?:patches\[\d+\]|templateRef)/.exec(path)?.[0];
  return item !== undefined && !problems.some((each) => each.path.startsWith(item));
}

/** Items that the schema refused are missing from the draft, so that others have moved. */
function pathInFile(path: string, originalPath: (path: Path) => Path): string {
  const item = /^(spec\.(?:metrics|patches|trialTemplate\.spec\.(?:setupTasks|readinessGates)))\[(\d+)\]/.exec(path);
  if (item === null) return path;
  const [start, list = '', index] = item;
  return `${formatPath(originalPath([...list.split('.'), Number(index)]))}${path.slice(start.length)}`;
}
