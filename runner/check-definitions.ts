import { gitBlob } from './definition/git-blob.ts';
import type { LoadedExperiment } from './definition/load-experiment.ts';
import type { LoadedRepository } from './definition/load-repository.ts';
import type { RepositoryFiles } from './definition/repository-files.ts';
import { describeTrial } from './lifecycle/describe-trial.ts';
import { renderTrial, type RenderSource } from './lifecycle/render-trial.ts';
import { sampleQueryScope } from './lifecycle/sample-scope.ts';
import { parseJsonPath } from './metrics/json-path.ts';
import { parseUrl } from './metrics/metric-url.ts';
import { InvalidInput, type Problem } from './model/errors.ts';
import type { Assignment, Experiment, Metric } from './model/experiment.ts';
import { trialName } from './model/names.ts';
import type { RenderedTrial, Trial } from './model/trial.ts';
import { definitionDigest } from './plan/digest.ts';
import { parseTemplate } from './template/parse-template.ts';
import { renderText } from './template/render-text.ts';
import { TemplateError } from './template/template-error.ts';

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

/** Where a sample pretends to run; no cluster is asked. */
const SAMPLE_SLOT = 'sample-slot';

/**
 * Renders every patch, template and query of every experiment with the baseline's values (else the lowest), so that a typo is found
 * before the first trial; problems of loading come along, so that one list has them all.
 */
export async function checkDefinitions(repository: LoadedRepository, files: RepositoryFiles, image: string): Promise<CheckedDefinitions> {
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
  const { name, experiment } = loaded;
  if (experiment === undefined) return { name, problems: loaded.problems };
  const source: RenderSource = { experiment, locate: loaded.locate, ...place };
  const trial = sampleTrial(experiment);
  const found = [...loaded.problems, ...experiment.metrics.flatMap((metric, index) => queryProblems(metric, index, trial, loaded))];
  try {
    const [digest, sample] = await Promise.all([digestOf(loaded, experiment, place.files), renderTrial(trial, source)]);
    return found.length > 0 ? { name, problems: found } : { name, checked: { experiment, loaded, digest, source, sample }, problems: [] };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { name, problems: [...found, ...error.problems] };
  }
}

/** The trial that a sample renders: the baseline where there is one, else the lowest or first values. */
function sampleTrial(experiment: Experiment): Trial {
  return {
    experiment: experiment.name,
    number: 1,
    name: trialName(experiment.name, 1),
    uid: '00000000-0000-4000-8000-000000000000',
    slot: experiment.namespace ?? SAMPLE_SLOT,
    assignments: sampleAssignments(experiment),
    source: { type: 'baseline' },
    definition: { commit: '', digest: '' },
    run: '',
  };
}

function sampleAssignments({ parameters }: Experiment): Assignment[] {
  return parameters.map((parameter) => ({
    name: parameter.name,
    value: parameter.baseline ?? (parameter.type === 'categorical' ? (parameter.values[0] ?? '') : parameter.min),
  }));
}

async function digestOf(loaded: LoadedExperiment, experiment: Experiment, files: RepositoryFiles): Promise<string> {
  const used = await Promise.all(loaded.usedFiles.map(async (path) => ({ path, blob: gitBlob(await files.read(path)) })));
  return definitionDigest(experiment, used);
}

function queryProblems(metric: Metric, index: number, trial: Trial, { locate }: LoadedExperiment): Problem[] {
  const { window, ...names } = sampleQueryScope(trial);
  const target = describeTrial(trial, { startTime: window.start, completionTime: window.completion });
  const scope = { ...names, window, ...(metric.type === 'kubernetes' && { target }) };
  const fields = Object.entries({
    query: metric.query,
    ...('url' in metric && { url: metric.url }),
    ...('errorQuery' in metric && { errorQuery: metric.errorQuery }),
  });
  return fields.flatMap(([field, text]) => {
    if (text === undefined) return [];
    const problem = templateProblem(() => {
      // What an object of the cluster holds is known in the cluster alone, so such a query is only parsed here.
      if ('target' in metric && metric.target !== undefined) return void parseTemplate(text);
      const rendered = renderText(text, scope);
      return field === 'url' ? problemOf(parseUrl(rendered)) : metric.type === 'jsonpath' ? problemOf(parseJsonPath(rendered)) : undefined;
    });
    return problem === undefined
      ? []
      : [{ ...locate(['spec', 'metrics', index, field]), path: `spec.metrics[${index}].${field}`, message: problem }];
  });
}

function problemOf(parsed: object): string | undefined {
  return 'problem' in parsed && typeof parsed.problem === 'string' ? parsed.problem : undefined;
}

/** What `check` finds wrong with what it renders, or why it cannot be rendered. */
function templateProblem(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
