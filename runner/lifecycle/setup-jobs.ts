import type { SetupTask, TrialTemplate } from '../model/experiment.ts';
import type { RenderedSetup, Trial } from '../model/trial.ts';
import { RESTRICTED_CONTAINER, assignmentVariables, trialLabels } from './trial-job.ts';

/** Where the built-in setup task finds its order and the packed chart. */
export const SETUP_FOLDER = '/fieldtrial/setup';

const DEADLINE_MARGIN = 60;

/** What the runner's own setup task is told to do, as `<task>.json` in the trial's setup ConfigMap. */
export type SetupOrder =
  | {
      type: 'helm';
      release: string;
      chart: string;
      values: { name: string; value: unknown; forceString: boolean }[];
      labels: Record<string, string>;
      timeoutSeconds: number;
    }
  | { type: 'manifests'; objects: unknown[]; labels: Record<string, string>; timeoutSeconds: number };

/** One file of the setup ConfigMap; charts are binary. */
export type SetupFile = { key: string; text: string } | { key: string; binary: Buffer };

/**
 * The setup Jobs (R§7.2): `<trial>-create` and `<trial>-delete`, one container per task that is not skipped, all in one pod. A task with
 * an image is that container; one without runs `fieldtrial setup` of the runner's image. undefined when there is nothing to do.
 */
export function buildSetup(trial: Trial, template: TrialTemplate, files: readonly SetupFile[], image: string): RenderedSetup | undefined {
  const create = template.setupTasks.filter((task) => !task.skipCreate);
  const remove = template.setupTasks.filter((task) => !task.skipDelete);
  if (create.length === 0 && remove.length === 0) return undefined;
  return {
    configMaps: files.length > 0 ? [setupConfigMap(trial, files)] : [],
    create: create.length > 0 ? setupJob('create', create, trial, template, image, files.length > 0) : undefined,
    delete: remove.length > 0 ? setupJob('delete', remove, trial, template, image, files.length > 0) : undefined,
  };
}

function setupConfigMap(trial: Trial, files: readonly SetupFile[]) {
  const data = Object.fromEntries(files.flatMap((file) => ('text' in file ? [[file.key, file.text]] : [])));
  const binaryData = Object.fromEntries(files.flatMap((file) => ('binary' in file ? [[file.key, file.binary.toString('base64')]] : [])));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: setupConfigMapName(trial), namespace: trial.slot, labels: trialLabels(trial, 'trialSetup') },
    data,
    binaryData,
  };
}

function setupJob(
  mode: 'create' | 'delete',
  tasks: readonly SetupTask[],
  trial: Trial,
  template: TrialTemplate,
  image: string,
  hasFiles: boolean,
) {
  const labels = trialLabels(trial, 'trialSetup');
  const timeout = mode === 'create' ? template.timeouts.setup : template.timeouts.setupDelete;
  const volumes = hasFiles ? [{ name: 'fieldtrial-setup', configMap: { name: setupConfigMapName(trial) } }] : [];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${trial.name}-${mode}`,
      namespace: trial.slot,
      labels: { ...template.labels, ...labels },
      ...(Object.keys(template.annotations).length > 0 && { annotations: template.annotations }),
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(timeout / 1000) + DEADLINE_MARGIN,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: template.setupServiceAccountName,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: tasks.map((task) => taskContainer(mode, task, trial, image)),
          volumes: [...volumes, ...template.setupVolumes],
        },
      },
    },
  };
}

function taskContainer(mode: string, task: SetupTask, trial: Trial, image: string) {
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
  if (task.image !== undefined) {
    return { ...shared, image: task.image, command: task.command, args: task.args ?? [mode], volumeMounts: task.volumeMounts };
  }
  const mount = { name: 'fieldtrial-setup', mountPath: SETUP_FOLDER, readOnly: true };
  return { ...shared, image, command: ['fieldtrial', 'setup'], volumeMounts: [...task.volumeMounts, mount] };
}

function setupConfigMapName(trial: Trial): string {
  return `${trial.name}-setup`;
}
