import { gzipSync } from 'node:zlib';
import type { Evidence } from '../../../runner/model/errors.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import type { Stage } from '../../../runner/model/stage.ts';

/** An experiment of which one trial fails. */
export type FailingExperiment = {
  name: string;
  /** In a slot of its own, called like the experiment, because what is there would be in the way of others. */
  alone?: boolean;
  /** Ends the sentence "a trial fails …". */
  because: string;
  /** Tried in this order, as the experiment's one parameter `value`. */
  values: string[];
  /** The number of the trial that fails [1]; the others complete. */
  failing?: number;
  spec: JsonObject;
  /** Files of the repository besides the experiment's own. */
  files?: Record<string, string>;
  /** What is in the slot before. */
  objects?: JsonObject[];
  failure: { stage: Stage; reason: string; message: RegExp };
  /** What the record must have kept besides, as far as it is named here; texts are compared by expression. */
  evidence?: {
    containers?: { container: string; exitCode?: number; reason?: string; log?: RegExp }[];
    refused?: RegExp;
    metric?: Partial<Evidence['metric']>;
  };
  /** Values that the failed trial has measured all the same. */
  measured?: Record<string, number>;
  /** What stays in the slot, because it is no trial's. */
  leaves?: string[];
};

const BUSYBOX = 'busybox:latest';

/** `prometheus` is the URL of a server that has data for the query `up` and for nothing else. */
export function failingExperiments({ runnerImage, prometheus }: { runnerImage: string; prometheus: string }): FailingExperiment[] {
  return [
    {
      name: 'division',
      because: 'whose template cannot be rendered with its assignments',
      values: ['4', '0', '3'],
      failing: 2,
      spec: { trialTemplate: trialJob({ args: ['echo {{div 12 values.value}}'] }) },
      failure: {
        stage: 'create-trial',
        reason: 'InvalidDefinition',
        message: /^experiments\/division\/experiment\.yaml:\d+: spec\.trialTemplate\.\S+\.args\[0\]: .*division by zero/,
      },
    },
    {
      name: 'setup-image',
      because: 'whose setup task has an image that does not exist',
      values: ['127.0.0.1:1/no-such-image:1', runnerImage],
      spec: { trialTemplate: withSetup({ image: '{{values.value}}', command: ['true'] }) },
      failure: { stage: 'setup-create', reason: 'ImagePullFailed', message: /container seed: .*127\.0\.0\.1:1\/no-such-image:1/ },
      evidence: { containers: [{ container: 'seed' }] },
    },
    {
      name: 'setup-exit',
      because: 'whose setup task exits with 3',
      values: ['3', '0'],
      spec: {
        trialTemplate: withSetup({
          image: runnerImage,
          command: ['sh', '-c', 'test $MODE = delete && exit 0; echo seeding; echo "table users is locked"; exit {{values.value}}'],
        }),
      },
      failure: { stage: 'setup-create', reason: 'SetupJobFailed', message: /^container seed exited with code 3: table users is locked$/ },
      evidence: { containers: [{ container: 'seed', exitCode: 3, reason: 'Error', log: /^seeding\ntable users is locked$/ }] },
    },
    {
      name: 'setup-hangs',
      because: 'whose setup task does not end in time',
      values: ['600', '0'],
      spec: {
        trialTemplate: withSetup(
          {
            image: runnerImage,
            command: ['sh', '-c', 'test $MODE = delete && exit 0; echo waiting for the database; exec sleep {{values.value}}'],
          },
          { timeouts: { setup: '15s' } },
        ),
      },
      failure: { stage: 'setup-create', reason: 'SetupJobTimeout', message: /^pod setup-hangs-001-create-\w+ is Running after 15s$/ },
      evidence: { containers: [{ container: 'seed', log: /^waiting for the database$/ }] },
    },
    {
      name: 'setup-account',
      because: 'whose setup Job has no service account to run as',
      values: ['nobody', 'fieldtrial-setup'],
      spec: { trialTemplate: withSetup({ image: runnerImage, command: ['true'] }, { setupServiceAccountName: '{{values.value}}' }) },
      failure: { stage: 'setup-create', reason: 'FailedCreate', message: /serviceaccount "nobody" not found/ },
    },
    {
      name: 'setup-quota',
      alone: true,
      because: 'whose setup pod a quota refuses',
      values: ['create', 'skip'],
      // The setup's containers name no limits, and so may not be where those are counted.
      objects: [{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'memory' }, spec: { hard: { 'limits.memory': '64Mi' } } }],
      spec: {
        trialTemplate: trialJob(
          { resources: { limits: { memory: '32Mi' } } },
          {
            setupTasks: [
              { name: 'seed', image: runnerImage, command: ['true'], skipCreate: '{{eq values.value "skip"}}', skipDelete: true },
            ],
          },
        ),
      },
      failure: { stage: 'setup-create', reason: 'FailedCreate', message: /failed quota: memory: must specify limits\.memory for: seed/ },
    },
    {
      name: 'setup-chart-image',
      because: 'whose chart has an image that does not exist',
      values: ['127.0.0.1:1/no-such-image:1', BUSYBOX],
      files: chartOf('setup-chart-image', { image: '{{ .Values.image }}' }),
      spec: { trialTemplate: trialJob({}, { setupTasks: [chartTask('setup-chart-image', { image: '{{values.value}}' })] }) },
      failure: {
        stage: 'setup-create',
        reason: 'SetupJobFailed',
        message:
          /^container setup-chart-image exited with code 1: ImagePullFailed: Deployment setup-chart-image: .*127\.0\.0\.1:1\/no-such-image:1/,
      },
    },
    {
      name: 'setup-chart-quota',
      alone: true,
      because: 'whose chart asks for more than the quota of the slot',
      values: ['2Gi', '16Mi'],
      objects: [
        { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'memory' }, spec: { hard: { 'limits.memory': '1Gi' } } },
        // The setup's own containers name no limits.
        {
          apiVersion: 'v1',
          kind: 'LimitRange',
          metadata: { name: 'memory' },
          spec: { limits: [{ type: 'Container', default: { memory: '512Mi' }, defaultRequest: { memory: '16Mi' } }] },
        },
      ],
      files: chartOf('setup-chart-quota', { resources: { limits: { memory: '{{ .Values.memory }}' } } }),
      spec: { trialTemplate: trialJob({}, { setupTasks: [chartTask('setup-chart-quota', { memory: '{{values.value}}' })] }) },
      failure: {
        stage: 'setup-create',
        reason: 'SetupJobFailed',
        message: /^container setup-chart-quota exited with code 1: FailedCreate: Deployment setup-chart-quota: .*exceeded quota: memory/,
      },
    },
    {
      name: 'setup-values',
      because: 'whose chart has its values in a ConfigMap that is not there',
      values: ['nowhere', 'setup-values-tuning'],
      objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'setup-values-tuning' }, data: { 'values.yaml': 'a: 1' } }],
      files: { 'charts/nothing/Chart.yaml': 'apiVersion: v2\nname: nothing\nversion: 1.0.0\n' },
      spec: {
        trialTemplate: trialJob(
          {},
          { setupTasks: [{ name: 'nothing', helmChart: 'charts/nothing', helmValuesFrom: [{ configMap: { name: '{{values.value}}' } }] }] },
        ),
      },
      failure: {
        stage: 'setup-create',
        reason: 'ContainerConfigError',
        message: /^ConfigMap "nowhere" is not in the slot, and the setup mounts it$/,
      },
    },
    {
      name: 'setup-root',
      because: 'whose setup task would run as root',
      values: [BUSYBOX, runnerImage],
      spec: { trialTemplate: withSetup({ image: '{{values.value}}', command: ['true'] }) },
      failure: { stage: 'setup-create', reason: 'ContainerConfigError', message: /container seed: .*runAsNonRoot/ },
    },
    {
      name: 'setup-release',
      because: 'whose setup finds a release that no trial has installed',
      values: ['install', 'leave'],
      files: { 'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n' },
      objects: [foreignRelease('web')],
      leaves: ['Secret sh.helm.release.v1.web.v1'],
      spec: {
        trialTemplate: trialJob({}, { setupTasks: [{ name: 'web', helmChart: 'charts/web', skipCreate: '{{eq values.value "leave"}}' }] }),
      },
      failure: {
        stage: 'setup-create',
        reason: 'SetupJobFailed',
        message: /^container web exited with code 1: SlotDirty: release "web" in namespace \S+ was not installed by a trial/,
      },
    },
    {
      name: 'patch-refused',
      because: 'whose patch the API server refuses',
      values: ['-1', '1'],
      objects: [deployment('patch-refused')],
      spec: { patches: [{ targetRef: targetRef('patch-refused'), patch: 'spec:\n  replicas: {{values.value}}' }] },
      failure: {
        stage: 'patch',
        reason: 'PatchFailed',
        message: /^patches\[0\]: Deployment patch-refused: .*spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
      },
      evidence: { refused: /Deployment\.apps "patch-refused" is invalid: spec\.replicas: Invalid value: -1/ },
    },
    {
      name: 'patch-unknown',
      because: 'whose patch has a field that Kubernetes does not know',
      values: ['replicaz', 'replicas'],
      objects: [deployment('patch-unknown')],
      spec: { patches: [{ targetRef: targetRef('patch-unknown'), patch: 'spec:\n  {{values.value}}: 1' }] },
      failure: {
        stage: 'patch',
        reason: 'PatchFailed',
        message: /^patches\[0\]: Deployment patch-unknown: .*strict decoding error: unknown field "spec\.replicaz"/,
      },
      evidence: { refused: /unknown field "spec\.replicaz"/ },
    },
    {
      name: 'patch-missing',
      because: 'whose patch is for an object that does not exist',
      values: ['shop', 'patch-missing'],
      objects: [deployment('patch-missing')],
      spec: { patches: [{ patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: "{{values.value}}"}, spec: {replicas: 1}}' }] },
      failure: { stage: 'patch', reason: 'PatchFailed', message: /^patches\[0\]: Deployment shop does not exist in namespace \S+$/ },
    },
    {
      name: 'crash-loop',
      because: 'whose patched Deployment crashes again and again',
      values: ['echo no database configured; exit 1', 'touch /tmp/ready; exec sleep 3600'],
      ...rollout('crash-loop', { args: ['{{values.value}}'], readinessProbe: probe('test', '-f', '/tmp/ready') }),
      failure: {
        stage: 'stabilize',
        reason: 'CrashLoopBackOff',
        message: /^Deployment crash-loop: pod crash-loop-\S+: container app: (CrashLoopBackOff|exited with code 1 after 3 restarts)/,
      },
      evidence: { containers: [{ container: 'app', exitCode: 1, log: /^no database configured$/ }] },
    },
    {
      name: 'rollout-image',
      because: 'whose patched Deployment has an image that does not exist',
      values: ['127.0.0.1:1/no-such-image:1', BUSYBOX],
      ...rollout('rollout-image', { image: '{{values.value}}' }),
      failure: {
        stage: 'stabilize',
        reason: 'ImagePullFailed',
        message: /^Deployment rollout-image: pod rollout-image-\S+: container app: \w+/,
      },
    },
    {
      name: 'rollout-memory',
      because: 'whose patched Deployment runs out of memory',
      values: ['exec dd if=/dev/zero of=/dev/null bs=256M count=1', 'touch /tmp/ready; exec sleep 3600'],
      ...rollout('rollout-memory', {
        args: ['{{values.value}}'],
        readinessProbe: probe('test', '-f', '/tmp/ready'),
        resources: { limits: { memory: '32Mi' } },
      }),
      failure: {
        stage: 'stabilize',
        reason: 'OOMKilled',
        message: /^Deployment rollout-memory: pod rollout-memory-\S+: container app: OOMKilled/,
      },
    },
    {
      name: 'rollout-cpu',
      because: 'whose patched Deployment asks for more than any node has',
      values: ['1000', '10m'],
      ...rollout('rollout-cpu', { resources: { requests: { cpu: '{{values.value}}' } } }),
      failure: { stage: 'stabilize', reason: 'Unschedulable', message: /^Deployment rollout-cpu: pod rollout-cpu-\S+: .*Insufficient cpu/ },
    },
    {
      name: 'rollout-slow',
      because: 'whose patched Deployment is not ready in time',
      values: ['false', 'true'],
      ...rollout('rollout-slow', { readinessProbe: probe('{{values.value}}') }, {}, { timeouts: { stabilize: '15s' } }),
      failure: {
        stage: 'stabilize',
        reason: 'ReadinessTimeout',
        message: /^Deployment rollout-slow: .*containers with unready status: \[app\] after 15s$/,
      },
    },
    {
      name: 'rollout-deadline',
      because: 'whose patched Deployment exceeds its progress deadline',
      values: ['false', 'true'],
      ...rollout('rollout-deadline', { readinessProbe: probe('{{values.value}}') }, { progressDeadlineSeconds: 10 }),
      failure: {
        stage: 'stabilize',
        reason: 'ProgressDeadlineExceeded',
        message: /^Deployment rollout-deadline: exceeded its progress deadline: /,
      },
    },
    {
      name: 'name-taken',
      because: "whose Job's name is taken by somebody else",
      values: ['1', '2'],
      objects: [foreignJob('name-taken-001')],
      leaves: ['Job name-taken-001'],
      spec: { trialTemplate: trialJob({}) },
      failure: { stage: 'run', reason: 'SlotDirty', message: /^Job \S+\/name-taken-001 exists and is not this trial's/ },
    },
    {
      name: 'trial-image',
      because: 'whose Job has an image that does not exist',
      values: ['127.0.0.1:1/no-such-image:1', BUSYBOX],
      spec: { trialTemplate: trialJob({ image: '{{values.value}}' }) },
      failure: { stage: 'run', reason: 'ImagePullFailed', message: /container load: .*127\.0\.0\.1:1\/no-such-image:1/ },
      evidence: { containers: [{ container: 'load' }] },
    },
    {
      name: 'trial-cpu',
      because: 'whose Job asks for more than any node has',
      values: ['1000', '10m'],
      spec: { trialTemplate: trialJob({ resources: { requests: { cpu: '{{values.value}}' } } }) },
      failure: { stage: 'run', reason: 'Unschedulable', message: /Insufficient cpu/ },
    },
    {
      name: 'trial-quota',
      alone: true,
      because: 'whose Job may not create its pod for the quota of the slot',
      values: ['200m', '50m'],
      objects: [{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard: { 'requests.cpu': '100m' } } }],
      spec: { trialTemplate: trialJob({ resources: { requests: { cpu: '{{values.value}}' } } }) },
      failure: { stage: 'run', reason: 'FailedCreate', message: /exceeded quota: small, requested: requests\.cpu=200m/ },
    },
    {
      name: 'trial-program',
      because: 'whose Job has a command that does not exist',
      values: ['no-such-program', 'true'],
      spec: { trialTemplate: trialJob({ command: ['{{values.value}}'], args: [] }) },
      failure: {
        stage: 'run',
        reason: 'ContainerCannotRun',
        message: /^container load exited with code 128 \(StartError\): .*no-such-program/,
      },
    },
    {
      name: 'trial-exit',
      because: 'whose Job exits with 1',
      values: ['1', '0'],
      spec: { trialTemplate: trialJob({ args: ['echo 12 requests; echo the server hung up; exit {{values.value}}'] }) },
      failure: { stage: 'run', reason: 'ContainerFailed', message: /^container load exited with code 1$/ },
      evidence: { containers: [{ container: 'load', exitCode: 1, reason: 'Error', log: /^12 requests\nthe server hung up$/ }] },
    },
    {
      name: 'trial-restarts',
      because: 'whose Job exits with 1, although its pod would begin anew',
      values: ['1', '0'],
      spec: {
        trialTemplate: trialJob({ args: ['echo the server hung up; exit {{values.value}}'] }, {}, [], { restartPolicy: 'OnFailure' }),
      },
      failure: { stage: 'run', reason: 'ContainerFailed', message: /^container load exited with code 1$/ },
      evidence: { containers: [{ container: 'load', exitCode: 1, log: /^the server hung up$/m }] },
    },
    {
      name: 'trial-server',
      because: 'of whose two containers one exits with 7 and the other never',
      values: ['7', '0'],
      spec: {
        trialTemplate: trialJob({ args: ['test {{values.value}} = 0 || exec sleep 3600'] }, {}, [
          {
            name: 'check',
            image: BUSYBOX,
            imagePullPolicy: 'IfNotPresent',
            command: ['sh', '-c', 'echo 3 answers were wrong; exit {{values.value}}'],
          },
        ]),
      },
      failure: { stage: 'run', reason: 'ContainerFailed', message: /^container check exited with code 7$/ },
      evidence: { containers: [{ container: 'check', exitCode: 7, log: /^3 answers were wrong$/ }, { container: 'load' }] },
    },
    {
      name: 'trial-checker',
      because: 'of whose two containers one exits with 7',
      values: ['7', '0'],
      spec: {
        trialTemplate: trialJob({}, {}, [
          {
            name: 'check',
            image: BUSYBOX,
            imagePullPolicy: 'IfNotPresent',
            command: ['sh', '-c', 'echo 3 answers were wrong; exit {{values.value}}'],
          },
        ]),
      },
      failure: { stage: 'run', reason: 'ContainerFailed', message: /^container check exited with code 7$/ },
      evidence: { containers: [{ container: 'check', exitCode: 7, log: /^3 answers were wrong$/ }] },
    },
    {
      name: 'trial-memory',
      because: 'whose Job runs out of memory',
      values: ['256M', '1M'],
      spec: {
        trialTemplate: trialJob({
          args: ['echo filling; exec dd if=/dev/zero of=/dev/null bs={{values.value}} count=1'],
          resources: { limits: { memory: '32Mi' } },
        }),
      },
      failure: { stage: 'run', reason: 'OOMKilled', message: /^container load ran out of memory \(exit code 137\)$/ },
      evidence: { containers: [{ container: 'load', exitCode: 137, reason: 'OOMKilled', log: /^filling$/ }] },
    },
    {
      name: 'trial-deadline',
      because: 'whose Job does not end in time',
      values: ['600', '0'],
      spec: { trialTemplate: trialJob({ args: ['echo still warming up; exec sleep {{values.value}}'] }, { timeouts: { run: '15s' } }) },
      failure: { stage: 'run', reason: 'DeadlineExceeded', message: /^pod trial-deadline-001-\w+ is Running after 15s$/ },
      evidence: { containers: [{ container: 'load', log: /^still warming up$/ }] },
    },
    {
      name: 'metric-no-data',
      because: 'about which Prometheus knows nothing',
      values: ['errors_total', 'up'],
      spec: { metrics: [{ name: 'errors', type: 'prometheus', url: prometheus, query: 'sum({{values.value}})', scrapeCheck: 'none' }] },
      failure: { stage: 'collect', reason: 'MetricFailed', message: /^metric errors: no data at \d{4}-/ },
      evidence: { metric: { name: 'errors', query: 'sum(errors_total)' } },
    },
    {
      name: 'metric-no-number',
      because: 'whose metric renders to something that is no number',
      values: ['many', '7'],
      spec: { metrics: [{ name: 'cost', query: '{{values.value}} ' }] },
      failure: { stage: 'collect', reason: 'MetricFailed', message: /^metric cost: the query must render to a finite decimal number$/ },
      evidence: { metric: { name: 'cost', raw: 'many' } },
    },
    {
      name: 'metric-log',
      because: 'whose log has no number where the metric looks for one',
      values: ['a lot of', '12'],
      spec: {
        metrics: [{ name: 'requests', type: 'logs', query: 'sent (.*) requests' }],
        trialTemplate: trialJob({ args: ['echo sent {{values.value}} requests'] }),
      },
      failure: {
        stage: 'collect',
        reason: 'MetricFailed',
        message:
          /^metric requests: the last match "sent a lot of requests" gives no finite decimal number in the log of pod \S+, container load$/,
      },
      evidence: { metric: { name: 'requests', query: 'sent (.*) requests', raw: 'sent a lot of requests' } },
    },
    {
      name: 'metric-bound',
      because: 'whose metric is outside its bounds',
      values: ['0.31', '0.3'],
      spec: { metrics: [{ name: 'p95', minimize: true, max: '0.3', query: '{{values.value}}' }] },
      failure: { stage: 'collect', reason: 'MetricBound', message: /^metric p95: 0\.31 is above the maximum of 0\.3$/ },
      measured: { p95: 0.31 },
    },
  ];
}

/** The definition of an experiment whose trials run in this slot. */
export function definitionOf({ name, values, spec }: Pick<FailingExperiment, 'name' | 'values' | 'spec'>, slot: string): JsonObject {
  const { trialTemplate = trialJob({}), ...rest } = spec as { trialTemplate?: JsonObject };
  return {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      suggest: { source: 'grid' },
      parameters: [{ name: 'value', values }],
      metrics: [{ name: 'duration', minimize: true, query: '{{window.duration}}' }],
      ...rest,
      trialTemplate: { ...trialTemplate, metadata: { namespace: slot } },
    },
  };
}

/** A trial template whose Job is one container that ends at once, unless `container` says otherwise. */
export function trialJob(container: JsonObject, spec: JsonObject = {}, others: JsonObject[] = [], pod: JsonObject = {}): JsonObject {
  const load = { name: 'load', image: BUSYBOX, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c'], args: ['true'], ...container };
  return {
    spec: {
      ...spec,
      jobTemplate: { spec: { template: { spec: { terminationGracePeriodSeconds: 1, ...pod, containers: [load, ...others] } } } },
    },
  };
}

/** The files of a chart of one Deployment, whose container has these fields; both are called like it. */
function chartOf(name: string, container: JsonObject): Record<string, string> {
  const { spec, ...rest } = deployment(name) as { spec: any };
  const [app] = spec.template.spec.containers;
  spec.template.spec.containers = [{ ...app, ...container }];
  return {
    [`charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    [`charts/${name}/templates/deployment.yaml`]: JSON.stringify({ ...rest, spec }),
  };
}

function chartTask(name: string, values: Record<string, string>): JsonObject {
  return { name, helmChart: `charts/${name}`, helmValues: Object.entries(values).map(([key, value]) => ({ name: key, value })) };
}

/** A trial template with the setup task `seed`. */
export function withSetup(task: JsonObject, spec: JsonObject = {}): JsonObject {
  return trialJob({}, { setupTasks: [{ name: 'seed', ...task }], ...spec });
}

/** A Deployment whose one container (and `spec`) the experiment changes. */
function rollout(
  name: string,
  container: JsonObject,
  spec: JsonObject = {},
  template: JsonObject = {},
): Pick<FailingExperiment, 'objects' | 'spec'> {
  const patch = JSON.stringify({ spec: { ...spec, template: { spec: { containers: [{ name: 'app', ...container }] } } } });
  return { objects: [deployment(name)], spec: { patches: [{ targetRef: targetRef(name), patch }], trialTemplate: trialJob({}, template) } };
}

function targetRef(name: string): JsonObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', name };
}

/** A container that crashes at its start would be ready for a moment without one. */
function probe(...command: string[]): JsonObject {
  return { exec: { command }, periodSeconds: 1 };
}

function deployment(name: string): JsonObject {
  const labels = { app: name };
  const app = { name: 'app', image: BUSYBOX, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c'], args: ['exec sleep 3600'] };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [app] } },
  };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

function foreignJob(name: string): JsonObject {
  const containers = [{ name: 'other', image: BUSYBOX, imagePullPolicy: 'IfNotPresent', command: ['true'] }];
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template: { spec: { restartPolicy: 'Never', containers } } } };
}

/** A release without objects, as helm stores it (helm.sh/helm/pkg/storage/driver: secrets.go), that no trial has installed. */
export function foreignRelease(name: string, status = 'deployed'): JsonObject {
  const time = '2026-01-01T00:00:00Z';
  const info = { first_deployed: time, last_deployed: time, status };
  const release = { name, version: 1, info, chart: { metadata: { apiVersion: 'v2', name, version: '1.0.0' } }, config: {}, manifest: '' };
  const stored = gzipSync(JSON.stringify(release)).toString('base64');
  const labels = { name, owner: 'helm', status, version: '1' };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: { name: `sh.helm.release.v1.${name}.v1`, labels },
    stringData: { release: stored },
  };
}
