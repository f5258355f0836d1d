import { formatPath, type Locate } from '../definition/locate.ts';
import { readYaml } from '../definition/read-yaml.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { PROMETHEUS_RELEASE } from '../model/bundled-prometheus.ts';
import { InvalidInput } from '../model/errors.ts';
import type { ChartSource, SetupTask, TrialTemplate } from '../model/experiment.ts';
import type { TemplateScope, Trial } from '../model/trial.ts';
import { renderText } from '../template/render-text.ts';
import { allOrProblems } from './all-or-problems.ts';
import { MAX_CONFIG_MAP_BYTES, configMapBytes, type SetupFile } from './config-map-data.ts';
import { located } from './located.ts';
import { manifestFiles } from './manifest-files.ts';
import { packChart } from './pack-chart.ts';
import { valuesFolder, type SetupOrder } from './setup-jobs.ts';
import { trialLabels } from './trial-labels.ts';

type Source = { files: RepositoryFiles; locate: Locate };

/** What the runner's own setup tasks find beside them: an order for each, and the chart folders of the repository, packed. */
export async function renderSetupFiles(trial: Trial, template: TrialTemplate, scope: TemplateScope, source: Source): Promise<SetupFile[]> {
  const builtIn = template.setupTasks.filter((task) => task.image === undefined);
  const rendered = await allOrProblems(builtIn.map((task) => renderSetupTask(task, trial, template, scope, source)));
  const files = rendered.flat();
  const size = configMapBytes(files);
  if (size > MAX_CONFIG_MAP_BYTES) {
    const place = source.locate(['spec', 'trialTemplate', 'spec', 'setupTasks']);
    throw new InvalidInput([
      {
        ...place,
        path: 'spec.trialTemplate.spec.setupTasks',
        message: `charts and manifests are ${size} bytes packed; a ConfigMap holds at most ${MAX_CONFIG_MAP_BYTES}, so use a task with an image of its own`,
      },
    ]);
  }
  return files;
}

async function renderSetupTask(
  task: SetupTask,
  trial: Trial,
  { timeouts }: TrialTemplate,
  scope: TemplateScope,
  source: Source,
): Promise<SetupFile[]> {
  const seconds = { create: Math.ceil(timeouts.setup / 1000), delete: Math.ceil(timeouts.setupDelete / 1000) };
  const common = { labels: trialLabels(trial, 'trialSetup'), timeoutSeconds: seconds };
  const order = (content: SetupOrder): SetupFile => ({ key: `${task.name}.json`, text: JSON.stringify(content, undefined, 1) });
  if (task.chart === undefined) return [order({ type: 'manifests', objects: await renderTaskManifests(task, scope, source), ...common })];
  const { chart, helmValues: values, helmValuesFrom } = task;
  const helm = { type: 'helm', values, valuesFolders: helmValuesFrom.map(valuesFolder), ...common } as const;
  if (chart.from !== 'folder') {
    const release = chart.from === 'runner' ? PROMETHEUS_RELEASE : task.name;
    return [order({ ...helm, release, chart })];
  }
  const file = `${task.name}.tgz`;
  return [
    order({ ...helm, release: task.name, chart: { from: 'packed', file } }),
    { key: file, binary: await packRepositoryChart(task, chart, source) },
  ];
}

async function packRepositoryChart(
  task: SetupTask,
  { chart: folder }: Extract<ChartSource, { from: 'folder' }>,
  { files, locate }: Source,
): Promise<Buffer> {
  const paths = await files.list(folder);
  if (!paths.includes(`${folder}/Chart.yaml`))
    throw missingFiles(task, locate, `helmChart "${folder}" is no chart of the repository; expected ${folder}/Chart.yaml`);
  return packChart(folder, await Promise.all(paths.map(async (path) => ({ path, content: await files.read(path) }))));
}

async function renderTaskManifests(task: SetupTask, scope: TemplateScope, { files, locate }: Source): Promise<unknown[]> {
  const objects = await allOrProblems(
    task.manifests.map(async (path) => {
      if ((await files.list(path)).length === 0) throw missingFiles(task, locate, `manifests "${path}" leads to no file of the repository`);
      return renderManifests(path, scope, files);
    }),
  );
  return objects.flat();
}

function missingFiles({ name }: SetupTask, locate: Locate, message: string): InvalidInput {
  const path = ['spec', 'trialTemplate', 'spec', 'setupTasks'];
  return new InvalidInput([{ ...locate(path), path: formatPath(path), message: `task "${name}": ${message}` }]);
}

async function renderManifests(path: string, scope: TemplateScope, files: RepositoryFiles): Promise<unknown[]> {
  const documents = await allOrProblems(
    (await manifestFiles(path, files)).map(async (each) => {
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
