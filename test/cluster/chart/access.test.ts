import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAuditLog, type AuditEvent } from '../../../bench/audit.ts';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { CHART, helmWith, renderChart } from '../../support/helm.ts';
import { startFieldtrial, type FieldtrialEnd, type StartedFieldtrial } from '../../support/run-fieldtrial.ts';
import { createNamespace } from '../../support/slots.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { limit } from '../run/world.ts';
import { grantsOf, usedBy } from './grants.ts';
import { kubeconfigOfAccount } from './kubeconfig-of-account.ts';

const AUDIT_POLICY = join(import.meta.dirname, '../../../bench/audit-policy.yaml');
const ACCOUNT = 'system:serviceaccount:fieldtrial:fieldtrial';
const SLOTS = ['shop-1', 'shop-2'] as const;

const VALUES = {
  git: { url: 'https://git.example/shop.git' },
  slots: SLOTS,
  cronjob: { suspend: true },
  setup: { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'patch', 'delete'] }] },
};

const BUSYBOX = 'busybox:latest';

type Workload = 'Deployment' | 'StatefulSet' | 'DaemonSet';

describe('what the chart lets the runner do', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let admin: Connection;
  let remote: Remote;
  let events: AuditEvent[];
  let ends: FieldtrialEnd[];

  before(async () => {
    remote = await createRemote();
    const log = join(remote.scratch, 'audit.log');
    cluster = await startCluster('node', { apiServerFlags: [`--audit-policy-file=${AUDIT_POLICY}`, `--audit-log-path=${log}`] });
    const image = await cluster.runnerImage();
    await remote.commit({
      'experiments/checkout/experiment.yaml': JSON.stringify(experiment()),
      'experiments/checkout/manifests/seed.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'seed' } }),
    });
    admin = await connectCluster({ kubeconfig: cluster.kubeconfig });
    for (const namespace of ['fieldtrial', ...SLOTS]) await createNamespace(admin.cluster, namespace);
    for (const slot of SLOTS) for (const object of workloads()) await create(object, slot);
    await helmWith(VALUES, 'install', 'fieldtrial', CHART, '--namespace', 'fieldtrial', '--kubeconfig', cluster.kubeconfig);

    ends = await runAll(image);
    events = (await openAuditLog(log).newEvents()).filter(({ user }) => user.username === ACCOUNT);
  });
  after(async () => {
    await admin?.close();
    await cluster?.stop();
    await remote?.cleanup();
  });

  /** A run that dies, one that takes up what it left, and one beside that, which finds it all held. */
  async function runAll(image: string): Promise<FieldtrialEnd[]> {
    const kubeconfig = join(remote.scratch, 'kubeconfig');
    await writeFile(kubeconfig, await kubeconfigOfAccount(cluster.kubeconfig));
    const start = (): StartedFieldtrial =>
      startFieldtrial(
        ['run', remote.url, '--slots', SLOTS.join(), '--image', image, '-n', 'fieldtrial', '--lease-duration', '8s', '-o', 'json'],
        { env: { FIELDTRIAL_KUBECONFIG: kubeconfig } },
      );
    const killed = start();
    await killed.event((event) => event.type === 'stage-finished' && event.stage === 'stabilize');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const first = start();
    await first.event((event) => event.type === 'stage-finished' && event.stage === 'run');
    const second = start();
    return Promise.all([first.ended, second.ended]);
  }

  it('is enough: nothing was forbidden, and the trials came to their ends', async () => {
    assert.deepEqual(
      ends.map(({ exitCode }) => exitCode),
      [0, 0],
      ends.map(({ stdout, stderr }) => stdout + stderr).join('\n'),
    );
    const forbidden = events.filter(({ responseStatus }) => responseStatus?.code === 403);
    assert.deepEqual(
      forbidden.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.namespace}`),
      [],
    );
    const log = await remote.git('log', '--format=%s', 'fieldtrial/results');
    const how = [...log.matchAll(/^checkout-\d+: (failed at \w+: \w+|)/gm)].map(([, failed]) => failed || 'completed');
    assert.deepEqual(how.toSorted(), [
      'completed',
      'failed at run: ContainerFailed',
      'failed at stabilize: ReadinessTimeout',
      'failed at stabilize: ReadinessTimeout',
    ]);
  });

  it('is no more than what was used', async () => {
    const granted = (await renderChart(VALUES)).filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'fieldtrial');

    const used = new Set(events.flatMap(usedBy));
    assert.deepEqual([...new Set(granted.flatMap(grantsOf))].toSorted(), [...used].toSorted());
  });

  async function create(object: KubeObject, namespace: string): Promise<void> {
    await admin.cluster.create({ ...object, metadata: { ...object.metadata, namespace } }, limit());
  }
});

/**
 * Everything that an experiment may have: setup, patches of all kinds, a gate, metrics of the cluster and of logs, a Job that is not judged
 * by its only pod and lasts longer than a watch may be silent; trials that complete, fail in their Job, and never become ready.
 */
function experiment(): JsonObject {
  const patchOf = (kind: Workload, probe: string) => {
    const app = { name: 'app', readinessProbe: { exec: { command: [probe] }, periodSeconds: 1 } };
    const template = { metadata: { annotations: { code: '{{values.code}}' } }, spec: { containers: [app] } };
    return { targetRef: { apiVersion: 'apps/v1', kind, name: 'app' }, patch: JSON.stringify({ spec: { template } }) };
  };
  const command = ['sh', '-ec', 'sleep 34; echo "code {{values.code}}"; exit {{values.code}}'];
  const load = { name: 'load', image: BUSYBOX, imagePullPolicy: 'IfNotPresent', command };
  return {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'checkout' },
    spec: {
      replicas: 2,
      suggest: { source: 'grid' },
      parameters: [
        { name: 'probe', values: ['true', 'false'] },
        { name: 'code', values: ['0', '1'] },
      ],
      restore: 'run',
      metrics: [
        { name: 'code', minimize: true, type: 'logs', query: 'code (\\d+)' },
        { name: 'pods', target: { apiVersion: 'v1', kind: 'PodList', matchLabels: { app: 'app' } }, query: '{{target.items.length}}' },
        { name: 'replicas', target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' }, query: '{{target.spec.replicas}}' },
      ],
      patches: [
        { targetRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'app' }, type: 'merge', patch: 'data: {code: "{{values.code}}"}' },
        patchOf('Deployment', '{{values.probe}}'),
        patchOf('StatefulSet', 'true'),
        patchOf('DaemonSet', 'true'),
      ],
      trialTemplate: {
        spec: {
          setupTasks: [{ name: 'seed', manifests: ['experiments/checkout/manifests'] }],
          timeouts: { stabilize: '40s' },
          readinessGates: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'app' }],
          jobTemplate: {
            spec: { parallelism: 2, completions: 2, template: { spec: { terminationGracePeriodSeconds: 1, containers: [load] } } },
          },
        },
      },
    },
  };
}

/** What is patched in each slot. */
function workloads(): KubeObject[] {
  const labels = (kind: string) => ({ app: 'app', kind });
  const app = { name: 'app', image: BUSYBOX, imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] };
  const workload = (kind: Workload, spec: object): KubeObject => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'app' },
    spec: {
      selector: { matchLabels: labels(kind) },
      template: { metadata: { labels: labels(kind) }, spec: { terminationGracePeriodSeconds: 0, containers: [app] } },
      ...spec,
    },
  });
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app' }, data: { value: '0' } },
    workload('Deployment', {}),
    workload('StatefulSet', { serviceName: 'app' }),
    workload('DaemonSet', {}),
  ];
}
