import { checkDraft } from './check-draft.ts';
import { checkQueries } from './check-queries.ts';
import { checkTemplates } from './check-templates.ts';
import { gitBlob } from './definition/git-blob.ts';
import type { LoadedExperiment } from './definition/load-experiment.ts';
import type { LoadedRepository } from './definition/load-repository.ts';
import type { RepositoryFiles } from './definition/repository-files.ts';
import { renderTrial, type RenderSource } from './lifecycle/render-trial.ts';
import { InvalidInput, type Problem } from './model/errors.ts';
import type { Experiment } from './model/experiment.ts';
import type { RenderedTrial, Trial } from './model/trial.ts';
import { definitionDigest } from './plan/digest.ts';
import { sampleOf } from './sample.ts';

/** An experiment that loads, passes every rule and renders. */
export type CheckedExperiment = {
  experiment: Experiment;
  loaded: LoadedExperiment;
  digest: string;
  source: RenderSource;
  /** A trial of the baseline, or of the lowest values without one, rendered: what a trial of this experiment looks like. */
  sample: RenderedTrial;
};

export type CheckedDefinitions = {
  checked: CheckedExperiment[];
  invalid: InvalidExperiment[];
  /** Of every file: those of invalid experiments, of suggestions, and of files that belong to none. */
  problems: Problem[];
};

export type InvalidExperiment = { name: string; problems: Problem[] };

/**
 * Checks every branch of every patch, template and query of every experiment, and renders them with the baseline's values (else the
 * lowest), so that a typo is found before the first trial; problems of loading come along, so that one list has them all.
 */
export async function checkDefinitions(
  repository: Omit<LoadedRepository, 'unusedTemplates'>,
  files: RepositoryFiles,
  image: string,
): Promise<CheckedDefinitions> {
  const outcomes = await Promise.all(
    repository.experiments.map((loaded) => checkExperiment(loaded, { files, image, timeouts: repository.settings.timeouts })),
  );
  const problems = [...repository.problems, ...outcomes.flatMap((outcome) => outcome.problems)];
  return {
    checked: outcomes.flatMap(({ checked }) => checked ?? []),
    invalid: outcomes.flatMap(({ name, checked, problems }) => (checked === undefined ? [{ name, problems }] : [])),
    problems: unique(problems),
  };
}

async function checkExperiment(
  loaded: LoadedExperiment,
  place: Pick<RenderSource, 'files' | 'image' | 'timeouts'>,
): Promise<InvalidExperiment & { checked?: CheckedExperiment }> {
  const { name, experiment, draft } = loaded;
  if (experiment === undefined) {
    const ofTemplates = draft === undefined ? [] : await checkDraft(draft, loaded, place);
    return { name, problems: unique([...loaded.problems, ...ofTemplates]) };
  }
  const source: RenderSource = { experiment, locate: loaded.locate, ...place };
  const sampled = sampleOf(experiment);
  const queries = checkQueries(experiment.metrics, sampled, loaded.locate);
  const templates = await checkTemplates(experiment, sampled, loaded.locate, place.files);
  const { digest, sample, problems: ofSample } = await renderSample(sampled.trial, source, loaded);
  const problems = unique([...loaded.problems, ...queries, ...ofSample, ...templates]);
  if (problems.length > 0 || digest === undefined || sample === undefined) return { name, problems };
  return { name, checked: { experiment, loaded, digest, source, sample }, problems };
}

type Sampled = { digest?: string; sample?: RenderedTrial; problems: readonly Problem[] };

async function renderSample(trial: Trial, source: RenderSource, loaded: LoadedExperiment): Promise<Sampled> {
  try {
    const [digest, sample] = await Promise.all([digestOf(loaded, source.experiment, source.files), renderTrial(trial, source)]);
    return { digest, sample, problems: [] };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { problems: error.problems };
  }
}

async function digestOf(loaded: LoadedExperiment, experiment: Experiment, files: RepositoryFiles): Promise<string> {
  const used = await Promise.all(loaded.usedFiles.map(async (path) => ({ path, blob: gitBlob(await files.read(path)) })));
  return definitionDigest(experiment, used);
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
