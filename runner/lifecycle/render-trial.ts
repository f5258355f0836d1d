import { parseTrialTemplate } from '../definition/parse-trial-template.ts';
import { formatPath, type Locate, type Path } from '../definition/locate.ts';
import { readYaml } from '../definition/read-yaml.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { InvalidInput, type Problem } from '../model/errors.ts';
import type { Experiment, SetupTask, Timeouts, TrialTemplate } from '../model/experiment.ts';
import type { RenderedTrial, TemplateScope, Trial } from '../model/trial.ts';
import { renderText } from '../template/render-text.ts';
import { renderTree } from '../template/render-tree.ts';
import { TemplateError, TemplateErrors, type TreeProblem } from '../template/template-error.ts';
import { isTrialTemplateString } from './trial-template-strings.ts';
import { allOrProblems } from './all-or-problems.ts';
import { packChart } from './pack-chart.ts';
import { jobPatching } from './patch-trial-job.ts';
import { renderPatches } from './render-patches.ts';
import { buildSetup, type SetupFile, type SetupOrder } from './setup-jobs.ts';
import { buildTrialJob, trialJobNames, trialLabels } from './trial-job.ts';

/** etcd refuses larger objects; a ConfigMap holds at most 1 MiB. */
const MAX_SETUP_BYTES = 1_000_000;

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
  const building = patching.then(async ({ jobPatches }) => {
    const template = await rendering;
    return buildTrialJob(trial, template, image, await jobPatching(jobPatches, locate));
  });
  const [template, { patches, jobPatches }, { name, job, containers }, setup] = await allOrProblems([
    rendering,
    patching,
    building,
    rendering.then(async (each) => buildSetup(trial, each, await renderSetupFiles(trial, each, scope, source), image)),
  ]);
  return {
    trial,
    baseline: isBaseline(trial, experiment),
    setup,
    patches,
    jobPatches: jobPatches.map(({ body }) => ({ target: `Job ${name}`, type: 'strategic', effect: body === undefined ? 'empty' : 'job' })),
    restore: experiment.restore,
    readinessGates: template.readinessGates,
    job,
    containers,
    initialDelay: template.initialDelay,
    startTimeOffset: template.startTimeOffset,
    timeouts: template.timeouts,
    metrics: experiment.metrics,
  };
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

async function renderSetupFiles(trial: Trial, template: TrialTemplate, scope: TemplateScope, source: RenderSource): Promise<SetupFile[]> {
  const builtIn = template.setupTasks.filter((task) => task.image === undefined);
  const rendered = await allOrProblems(builtIn.map((task) => renderSetupTask(task, trial, template, scope, source)));
  const files = rendered.flat();
  const size = files.reduce(
    (sum, file) => sum + ('text' in file ? Buffer.byteLength(file.text) : Math.ceil(file.binary.length / 3) * 4),
    0,
  );
  if (size > MAX_SETUP_BYTES) {
    const place = source.locate(['spec', 'trialTemplate', 'spec', 'setupTasks']);
    throw new InvalidInput([
      {
        ...place,
        path: 'spec.trialTemplate.spec.setupTasks',
        message: `charts and manifests are ${size} bytes packed; a ConfigMap holds at most ${MAX_SETUP_BYTES}, so use a task with an image of its own`,
      },
    ]);
  }
  return files;
}

async function renderSetupTask(
  task: SetupTask,
  trial: Trial,
  template: TrialTemplate,
  scope: TemplateScope,
  { files, locate }: RenderSource,
): Promise<SetupFile[]> {
  const common = { labels: trialLabels(trial, 'trialSetup'), timeoutSeconds: Math.ceil(template.timeouts.setup / 1000) };
  const order = (content: SetupOrder): SetupFile => ({ key: `${task.name}.json`, text: JSON.stringify(content, undefined, 1) });
  if (task.helmChart !== undefined) {
    const folder = task.helmChart;
    const paths = await files.list(folder);
    if (!paths.includes(`${folder}/Chart.yaml`))
      throw missingFiles(task, locate, `helmChart "${folder}" is no chart of the repository; expected ${folder}/Chart.yaml`);
    const contents = await Promise.all(paths.map(async (path) => ({ path, content: await files.read(path) })));
    const chart = `${task.name}.tgz`;
    return [
      order({ type: 'helm', release: task.name, chart, values: task.helmValues, ...common }),
      { key: chart, binary: await packChart(folder, contents) },
    ];
  }
  const objects = await allOrProblems(
    task.manifests.map(async (path) => {
      if ((await files.list(path)).length === 0) throw missingFiles(task, locate, `manifests "${path}" leads to no file of the repository`);
      return renderManifests(path, scope, files);
    }),
  );
  return [order({ type: 'manifests', objects: objects.flat(), ...common })];
}

function missingFiles({ name }: SetupTask, locate: Locate, message: string): InvalidInput {
  const path = ['spec', 'trialTemplate', 'spec', 'setupTasks'];
  return new InvalidInput([{ ...locate(path), path: formatPath(path), message: `task "${name}": ${message}` }]);
}

async function renderManifests(path: string, scope: TemplateScope, files: RepositoryFiles): Promise<unknown[]> {
  const paths = /\.(ya?ml|json)$/.test(path) ? [path] : (await files.list(path)).filter((each) => /\.(ya?ml|json)$/.test(each));
  const documents = await allOrProblems(
    paths.map(async (each) => {
      const source = (await files.read(each)).toString('utf8');
      const text = located(
        () => ({ file: each }),
        [],
        () => renderText(source, scope),
      );
      return readYaml(text, each).map(({ value }) => value);
    }),
  );
  return documents.flat().filter((object) => object !== null && object !== undefined);
}

/** Runs a rendering and turns its template errors into problems of the file and field they stand in. */
function located<Result>(at: Locate, prefix: Path, render: () => Result): Result {
  try {
    return render();
  } catch (error) {
    if (error instanceof TemplateErrors)
      throw new InvalidInput(
        error.errors.map((each) => treeProblem(each, at, prefix)),
        { cause: error },
      );
    if (!(error instanceof TemplateError)) throw error;
    const place = at([]);
    throw new InvalidInput([{ ...place, line: error.line ?? place.line, path: formatPath(prefix), message: error.message }], {
      cause: error,
    });
  }
}

function treeProblem({ path, message }: TreeProblem, at: Locate, prefix: Path): Problem {
  return { ...at(path), path: formatPath([...prefix, ...path]), message };
}
