import { createHash } from 'node:crypto';
import type { ChartSource, SetupTask, TrialTemplate } from '../model/experiment.ts';
import type { RenderedSetup, Trial } from '../model/trial.ts';
import { configMapData, type SetupFile } from './config-map-data.ts';
import type { MountedFiles } from './mount-files.ts';
import { RESTRICTED_CONTAINER, assignmentVariables } from './trial-job.ts';
import { trialLabels } from './trial-labels.ts';

/** Where the built-in setup task finds its order and the packed chart. */
export const SETUP_FOLDER = '/fieldtrial/setup';

const DEADLINE_MARGIN = 60;

/** What the runner's own setup task is told to do, as `<task>.json` in the trial's setup ConfigMap. */
export type SetupOrder =
  | {
      type: 'helm';
      release: string;
      chart: ChartOrder;
      values: { name: string; value: unknown; forceString: boolean }[];
      /** Folders whose files `*values.yaml` are values files, in order. */
      valuesFolders: string[];
      labels: Record<string, string>;
      timeoutSeconds: ModeSeconds;
    }
  | { type: 'manifests'; objects: unknown[]; labels: Record<string, string>; timeoutSeconds: ModeSeconds };

/** A chart folder travels packed, as a file beside the order. */
type ChartOrder = { from: 'packed'; file: string } | Exclude<ChartSource, { from: 'folder' }>;

type ModeSeconds = { create: number; delete: number };

/**
 * The setup Jobs (R§7.2): `<trial>-create` and `<trial>-delete`, one container per task that is not skipped, all in one pod. A task with
 * an image is that container, which sees the `mounted` files of the repository; one without runs `fieldtrial setup` of the runner's image.
 * undefined when there is nothing to do.
 */
export function buildSetup(
  trial: Trial,
  template: TrialTemplate,
  files: readonly SetupFile[],
  image: string,
  mounted?: MountedFiles,
): RenderedSetup | undefined {
  const create = template.setupTasks.filter((task) => !task.skipCreate);
  const remove = template.setupTasks.filter((task) => !task.skipDelete);
  if (create.length === 0 && remove.length === 0) return undefined;
  const job = (mode: Mode, tasks: readonly SetupTask[]) =>
    tasks.length > 0 ? setupJob(mode, tasks, trial, template, image, mounted) : undefined;
  return {
    configMaps: files.length > 0 ? [setupConfigMap(trial, files)] : [],
    create: job('create', create),
    delete: job('delete', remove),
    hosts: create.flatMap(({ chart }) => chartHost(chart) ?? []),
  };
}

type Mode = 'create' | 'delete';

/** Whom helm asks for the chart. */
function chartHost(chart: ChartSource | undefined): string | undefined {
  if (chart?.from === 'registry') return URL.parse(chart.chart)?.host;
  return chart?.from === 'repository' ? URL.parse(chart.repository)?.host : undefined;
}

function setupConfigMap(trial: Trial, files: readonly SetupFile[]) {
  const metadata = { name: setupConfigMapName(trial), namespace: trial.slot, labels: trialLabels(trial, 'trialSetup') };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...configMapData(files) };
}

function setupJob(
  mode: Mode,
  tasks: readonly SetupTask[],
  trial: Trial,
  template: TrialTemplate,
  image: string,
  mounted: MountedFiles | undefined,
) {
  const own = trialLabels(trial, 'trialSetup');
  const ofTasks = Object.assign({}, ...template.setupTasks.map((task) => task.labels)) as Record<string, string>;
  const timeout = mode === 'create' ? template.timeouts.setup : template.timeouts.setupDelete;
  const containers = tasks.map((task) => taskContainer(mode, task, trial, image, mounted));
  const used = new Set(containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name)));
  const volumes = [
    { name: SETUP_VOLUME, configMap: { name: setupConfigMapName(trial) } },
    ...valuesConfigMaps(tasks).map((name) => ({ name: valuesVolume(name), configMap: { name } })),
    ...(mounted?.volumes ?? []),
    ...(template.setupVolumes as { name?: unknown }[]),
  ];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${trial.name}-${mode}`,
      namespace: trial.slot,
      labels: { ...template.labels, ...ofTasks, ...own },
      ...(Object.keys(template.annotations).length > 0 && { annotations: template.annotations }),
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(timeout / 1000) + DEADLINE_MARGIN,
      template: {
        metadata: { labels: { ...ofTasks, ...own } },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: template.setupServiceAccountName,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers,
          // One that only a skipped task mounts must not keep the others from starting.
          volumes: volumes.filter(({ name }) => used.has(name)),
        },
      },
    },
  };
}

function taskContainer(mode: Mode, task: SetupTask, trial: Trial, image: string, mounted: MountedFiles | undefined) {
  const variables = [
    { name: 'NAMESPACE', value: trial.slot },
    { name: 'NAME', value: task.name },
    { name: 'TRIAL', value: trial.name },
    { name: 'MODE', value: mode },
    ...assignmentVariables(trial.assignments),
  ];
  const shared = {
    name: task.name,
    imagePullPolicy: 'IfNotPresent',
    env: [...task.env, ...variables],
    securityContext: RESTRICTED_CONTAINER,
  };
  const own = task.volumeMounts as { name?: unknown }[];
  if (task.image !== undefined) {
    const volumeMounts = [...own, ...(mounted?.mounts ?? [])];
    return { ...shared, image: task.image, command: task.command, args: task.args ?? [mode], volumeMounts };
  }
  const order = { name: SETUP_VOLUME, mountPath: SETUP_FOLDER, readOnly: true };
  // Nothing is rendered anew when a release is uninstalled, and the ConfigMap may be gone by then.
  const values = mode === 'create' ? task.helmValuesFrom : [];
  const valuesMounts = [...new Set(values)].map((name) => ({ name: valuesVolume(name), mountPath: valuesFolder(name), readOnly: true }));
  return { ...shared, image, command: ['fieldtrial', 'setup'], args: undefined, volumeMounts: [...own, order, ...valuesMounts] };
}

const SETUP_VOLUME = 'fieldtrial-setup';

/** Where a ConfigMap of values files is mounted. */
export function valuesFolder(configMap: string): string {
  return `/fieldtrial/values/${configMap}`;
}

function valuesConfigMaps(tasks: readonly SetupTask[]): string[] {
  return [...new Set(tasks.flatMap(({ helmValuesFrom }) => helmValuesFrom))];
}

/** A ConfigMap's name may have dots and up to 253 characters, a volume's neither. */
function valuesVolume(configMap: string): string {
  return `fieldtrial-values-${createHash('sha256').update(configMap).digest('hex').slice(0, 12)}`;
}

function setupConfigMapName(trial: Trial): string {
  return `${trial.name}-setup`;
}
