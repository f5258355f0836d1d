import { LABELS } from '../../../runner/model/names.ts';
import type { StoredObject } from '../../../sandbox/store.ts';
import type { FailingExperiment } from '../../cluster/run/failing-experiments.ts';
import { scripted } from '../../support/stopped-cluster.ts';

/** Annotations of the sandbox (sandbox/kubelet/container-script.ts) for pods that an experiment brings about. */
type Script = {
  /** Whose pods: those of the setup task (when it creates), of the trial Job, or of the patched workload. */
  of: 'setup' | 'trial' | 'workload';
  /** With the value that fails. */
  failing: Record<string, string>;
  /** How that value stands in the pod, where the API server writes it in another way. */
  written?: string;
  /** With the other one. */
  other?: Record<string, string>;
};

/** How containers would behave; rows that fail for what the runner or the API server say need none. */
export const SCRIPTS: Readonly<Record<string, Script>> = {
  'setup-image': { of: 'setup', failing: { fail: 'ImagePullBackOff' } },
  'setup-exit': { of: 'setup', failing: { 'exit-code': '3', log: 'seeding\ntable users is locked' } },
  'setup-hangs': { of: 'setup', failing: { run: '10m', log: 'waiting for the database' } },
  'crash-loop': { of: 'workload', failing: { fail: 'CrashLoopBackOff', log: 'no database configured', 'ready-after': '1h' } },
  'rollout-image': { of: 'workload', failing: { fail: 'ImagePullBackOff' } },
  'rollout-memory': { of: 'workload', failing: { fail: 'OOMKilled', 'ready-after': '1h' } },
  'rollout-cpu': { of: 'workload', failing: { fail: 'Unschedulable' }, written: '1k' },
  'rollout-slow': { of: 'workload', failing: { 'ready-after': '1h' } },
  'rollout-deadline': { of: 'workload', failing: { 'ready-after': '1h' } },
  'trial-image': { of: 'trial', failing: { fail: 'ImagePullBackOff' } },
  'trial-cpu': { of: 'trial', failing: { fail: 'Unschedulable' } },
  'trial-program': { of: 'trial', failing: { fail: 'StartError' } },
  'trial-exit': { of: 'trial', failing: { 'exit-code': '1', log: '12 requests\nthe server hung up' } },
  'trial-restarts': { of: 'trial', failing: { 'exit-code': '1', log: 'the server hung up' } },
  'trial-server': { of: 'trial', failing: { run: '1h', 'run.check': '1s', 'exit-code.check': '7', 'log.check': '3 answers were wrong' } },
  'trial-checker': { of: 'trial', failing: { 'exit-code.check': '7', 'log.check': '3 answers were wrong' } },
  'trial-memory': { of: 'trial', failing: { fail: 'OOMKilled', log: 'filling' } },
  'trial-deadline': { of: 'trial', failing: { run: '10m', log: 'still warming up' } },
  'metric-log': { of: 'trial', failing: { log: 'sent a lot of requests' }, other: { log: 'sent 12 requests' } },
};

const NO_HELM = 'helm speaks protobuf, which the sandbox does not; the task itself is tested in test/integration/setup';
const PODS_ALONE = 'of a ResourceQuota only the number of pods counts there';

/** Rows that cannot be shown on the sandbox, and why. */
export const NOT_SHOWN: Readonly<Record<string, string>> = {
  'setup-root': 'there are no images, so nobody knows as which user one runs',
  'setup-release': NO_HELM,
  'setup-chart-image': NO_HELM,
  'setup-chart-quota': NO_HELM,
  'setup-quota': PODS_ALONE,
  'trial-quota': PODS_ALONE,
};

type Pod = Pick<StoredObject, 'metadata' | 'spec'>;

/** What the pods of these experiments do on the sandbox, where nothing in them runs. */
export function annotate(experiments: readonly FailingExperiment[]): (pod: Pod) => Record<string, string> {
  return (pod) => {
    const { name, values, failing = 1 } = experiments.find((each) => experimentOf(pod) === each.name) ?? { name: '', values: [] };
    const script = SCRIPTS[name];
    if (script === undefined || script.of !== roleOf(pod)) return {};
    return scripted((tries(pod, script.written ?? values[failing - 1]!) ? script.failing : script.other) ?? {});
  };
}

function experimentOf({ metadata: { labels = {} } }: Pod): string | undefined {
  return labels[LABELS.experiment] ?? labels['app'];
}

function roleOf({ metadata: { labels = {} }, spec }: Pod): Script['of'] | undefined {
  const role = labels[LABELS.role];
  if (role === undefined) return 'workload';
  if (role === 'trialRun') return 'trial';
  const isCreating = spec.containers.some(({ env = [] }: any) => env.some(({ name, value }: any) => name === 'MODE' && value === 'create'));
  return isCreating ? 'setup' : undefined;
}

/** The value stands somewhere in the containers, alone or, in Jobs, as a variable. */
function tries({ spec }: Pod, value: string): boolean {
  return JSON.stringify(spec.containers).includes(JSON.stringify(value));
}
