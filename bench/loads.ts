import { dump } from 'js-yaml';

/** What a trial consists of: a Job; a patch, its rollout and a Job; or a Job with the installation of a chart before and its removal after it. */
export type Kind = 'plain' | 'rollout' | 'setup';

/** One measurement: `trials` in each of `slots` namespaces, whose Jobs run for `seconds` on average: they differ, lest all slots beat in step. */
export type Load = { kind: Kind; slots: number; trials: number; seconds: number };

/** The Deployment that stands in every slot and is patched. */
export const APP = 'app';
export const SETUP_ACCOUNT = 'fieldtrial-setup';

export function slotNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `slot-${String(index + 1).padStart(2, '0')}`);
}

export function appDeployment(): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: APP },
    spec: {
      selector: { matchLabels: { app: APP } },
      template: { metadata: { labels: { app: APP } }, spec: { containers: [{ name: APP, image: 'app' }] } },
    },
  };
}

/** A strategic patch that makes a new revision. */
export function appPatch(value: string): object {
  return { spec: { template: { spec: { containers: [{ name: APP, env: [{ name: 'CPU', value }] }] } } } };
}

/** The pod template of a trial's Job; simulated nodes end its pod after `milliseconds`, which may be a template. */
export function loadTemplate(milliseconds: number | string): { metadata: object; spec: object } {
  return {
    metadata: { annotations: { 'kwok.test/run-seconds': `${milliseconds}ms`, 'sandbox.fieldtrial.dev/run': `${milliseconds}ms` } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'load', image: 'load', command: ['load'] }] },
  };
}

/** How long a Job runs when `share` (0 … 1) of the difference between the longest and the shortest falls to it. */
export function runTime(seconds: number, share: number): number {
  return seconds * (750 + 500 * share);
}

const MOST_CPU = 1_000_000;

/** The same for a trial of the experiment, whose parameter is spread evenly. */
function runTimeTemplate(seconds: number): string {
  return `{{add ${runTime(seconds, 0)} (div values.cpu ${MOST_CPU / (seconds * 500)})}}`;
}

/** The experiment.yaml of a load: a budget that never ends, so that `--max-trials` decides. */
export function experimentFile({ kind, slots, seconds }: Omit<Load, 'trials'>, name: string = kind): string {
  const patches = [
    { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: APP }, patch: JSON.stringify(appPatch('{{values.cpu}}')) },
  ];
  return dump({
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      replicas: slots,
      suggest: { source: 'random', budget: 1_000_000, seed: 1 },
      parameters: [
        { name: 'cpu', min: 1, max: MOST_CPU },
        { name: 'memory', min: 1, max: 1_000_000 },
      ],
      metrics: [{ name: 'cost', minimize: true, query: '{{add values.cpu values.memory}}' }],
      ...(kind === 'rollout' && { patches }),
      trialTemplate: {
        spec: {
          ...(kind === 'setup' && {
            setupTasks: [{ name: 'database', helmChart: 'charts/database' }],
            setupServiceAccountName: SETUP_ACCOUNT,
          }),
          jobTemplate: { spec: { template: loadTemplate(runTimeTemplate(seconds)) } },
        },
      },
    },
  });
}

/** Everything the repository of a load holds. */
export function repositoryFiles(load: Omit<Load, 'trials'>): Record<string, string> {
  return {
    [`experiments/${load.kind}/experiment.yaml`]: experimentFile(load),
    ...(load.kind === 'setup' && {
      'charts/database/Chart.yaml': dump({ apiVersion: 'v2', name: 'database', version: '1.0.0' }),
      'charts/database/templates/configmap.yaml': dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'database' } }),
    }),
  };
}
