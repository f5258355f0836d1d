import { parseTrialTemplate } from '../definition/parse-trial-template.ts';
import type { Locate } from '../definition/locate.ts';
import { readYaml } from '../definition/read-yaml.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { InvalidInput } from '../model/errors.ts';
import type { Experiment, Timeouts, TrialTemplate } from '../model/experiment.ts';
import type { RenderedTrial, TemplateScope, Trial } from '../model/trial.ts';
import { renderText } from '../template/render-text.ts';
import { renderTree } from '../template/render-tree.ts';
import { isTrialTemplateString } from './trial-template-strings.ts';
import { allOrProblems } from './all-or-problems.ts';
import { located } from './located.ts';
import { mountRepositoryFiles } from './mount-repository-files.ts';
import { jobPatching } from './patch-trial-job.ts';
import { renderPatches } from './render-patches.ts';
import { renderSetupFiles } from './render-setup-files.ts';
import { requireRoom } from './require-room.ts';
import { requireUrls } from './require-urls.ts';
import { buildSetup } from './setup-jobs.ts';
import { buildTrialJob, trialJobNames } from './trial-job.ts';

export type RenderSource = {
  experiment: Experiment;
  locate: Locate;
  files: RepositoryFiles;
  /** The runner's own image, for setup tasks and sleeps that name none. */
  image: string;
  /** Milliseconds, for the stages whose timeout the template leaves open. */
  timeouts: Partial<Timeouts>;
};

/**
 * Everything a trial will do, rendered before the cluster is touched: setup Jobs, patches, the trial Job.
 * Throws InvalidInput with every problem found, each at its file and line.
 */
export async function renderTrial(trial: Trial, source: RenderSource): Promise<RenderedTrial> {
  const scope = templateScope(trial);
  const rendering = renderTrialTemplate(scope, source);
  const jobNames = rendering.then(
    (template) => trialJobNames(trial, template),
    () => trialJobNames(trial),
  );
  const { experiment, locate, image } = source;
  const patching = jobNames.then((names) =>
    renderPatches(experiment.patches, scope, locate, { slot: trial.slot, jobNames: names, restore: experiment.restore }),
  );
  const mounting = rendering.then((template) => mountRepositoryFiles(trial, template, source));
  const building = Promise.all([rendering, mounting, patching]).then(async ([template, mounted, { jobPatches }]) =>
    buildTrialJob(trial, template, image, await jobPatching(jobPatches, locate), mounted),
  );
  const [template, mounted, { patches, jobPatches }, { name, job, containers }, setup] = await allOrProblems([
    rendering,
    mounting,
    patching,
    building,
    Promise.all([rendering, mounting]).then(async ([each, files]) =>
      buildSetup(trial, each, await renderSetupFiles(trial, each, scope, source), image, files),
    ),
    rendering.then((each) => requireUrls(experiment.metrics, each, locate)),
  ]);
  const rendered: RenderedTrial = {
    trial,
    baseline: isBaseline(trial, experiment),
    setup,
    patches,
    jobPatches: jobPatches.map(({ body }) => ({ target: `Job ${name}`, type: 'strategic', effect: body === undefined ? 'empty' : 'job' })),
    restore: experiment.restore,
    readinessGates: template.readinessGates,
    ...(mounted && { files: mounted.configMap }),
    job,
    containers,
    initialDelay: template.initialDelay,
    startTimeOffset: template.startTimeOffset,
    timeouts: template.timeouts,
    metrics: experiment.metrics,
  };
  requireRoom(rendered, locate);
  return rendered;
}

/** What templates see of a trial (R§16.1). */
export function templateScope(trial: Pick<Trial, 'name' | 'slot' | 'number' | 'experiment' | 'assignments'>): TemplateScope {
  return {
    trial: { name: trial.name, namespace: trial.slot, number: trial.number, experiment: trial.experiment },
    values: Object.fromEntries(trial.assignments.map(({ name, value }) => [name, value])),
  };
}

/** A trial whose assignments are all the baseline's, whoever suggested it (R§3.3); bounds do not apply to it. */
function isBaseline(trial: Trial, { parameters }: Experiment): boolean {
  const assigned = new Map(trial.assignments.map(({ name, value }) => [name, value]));
  return parameters.every(({ name, baseline }) => baseline !== undefined && assigned.get(name) === baseline);
}

async function renderTrialTemplate(scope: TemplateScope, { experiment, locate, timeouts }: RenderSource): Promise<TrialTemplate> {
  const source = experiment.trialTemplate;
  if (source.from === 'inline') {
    const at: Locate = (path) => locate(['spec', 'trialTemplate', ...path]);
    const rendered = located(at, ['spec', 'trialTemplate'], () => renderTree(source.template, scope, isTrialTemplateString));
    return parseTrialTemplate(rendered, at, { at: ['spec', 'trialTemplate'], values: scope.values, timeouts });
  }
  const at = (line?: number) => ({ file: source.path, ...(line === undefined ? {} : { line }) });
  const given = located(
    (path) => locate(['spec', 'templateRef', 'with', ...path]),
    ['spec', 'templateRef', 'with'],
    () => renderTree(source.with, scope, () => false),
  );
  const text = located(
    () => at(),
    [],
    () => renderText(source.text, { ...scope, args: given }),
  );
  const [document] = readYaml(text, source.path);
  if (document === undefined)
    throw new InvalidInput([{ file: source.path, path: '', message: 'renders to nothing; expected a trial template with a spec' }]);
  return parseTrialTemplate(document.value, (path) => at(document.lineOf(path)), { values: scope.values, timeouts });
}
