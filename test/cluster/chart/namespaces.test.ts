import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAuditLog, type AuditEvent } from '../../../bench/audit.ts';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { CHART, helmWith, only, renderChart } from '../../support/helm.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createNamespace } from '../../support/slots.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, limit } from '../run/world.ts';
import { grantsOf, usedBy } from './grants.ts';
import { kubeconfigOfAccount } from './kubeconfig-of-account.ts';

const AUDIT_POLICY = join(import.meta.dirname, '../../../bench/audit-policy.yaml');
const ACCOUNT = 'system:serviceaccount:fieldtrial:fieldtrial';

const VALUES = {
  git: { url: 'https://git.example/shop.git' },
  slots: [
    { name: 'shop-1', onDemand: true },
    { name: 'shop-2', onDemand: true },
    { name: 'shop-3', onDemand: true },
  ],
  slotDefaults: { labels: { 'pod-security.kubernetes.io/warn': 'baseline' } },
  cronjob: { suspend: true },
  setup: { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'patch', 'delete'] }] },
  access: { createNamespaces: true },
};

describe('a runner that may create namespaces', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let admin: Connection;
  let remote: Remote;
  let chart: KubeObject[];
  let events: AuditEvent[];
  let ends: FieldtrialEnd[];

  before(async () => {
    const spec = {
      replicas: 2,
      namespaceTemplate: { metadata: { labels: { team: 'shop' } } },
      namespaceSelector: { matchLabels: { team: 'shop' } },
    };
    const template = { setupTasks: [{ name: 'seed', manifests: ['seed'] }] };
    remote = await createRemote({
      'experiments/checkout/experiment.yaml': JSON.stringify(experimentOf('checkout', { values: ['1', '2', '3', '4'], spec, template })),
      'seed/seed.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'seed' } }),
    });
    const log = join(remote.scratch, 'audit.log');
    cluster = await startCluster('node', { apiServerFlags: [`--audit-policy-file=${AUDIT_POLICY}`, `--audit-log-path=${log}`] });
    const image = await cluster.runnerImage();
    admin = await connectCluster({ kubeconfig: cluster.kubeconfig });
    await createNamespace(admin.cluster, 'fieldtrial');
    await helmWith(VALUES, 'install', 'fieldtrial', CHART, '--namespace', 'fieldtrial', '--kubeconfig', cluster.kubeconfig);
    chart = await renderChart(VALUES);

    const kubeconfig = join(remote.scratch, 'kubeconfig');
    await writeFile(kubeconfig, await kubeconfigOfAccount(cluster.kubeconfig));
    const { containers } = only(chart, 'CronJob').spec.jobTemplate.spec.template.spec;
    const told = (containers[0].env as { name: string; value: string }[]).filter(({ name }) => /^FIELDTRIAL_(SLOT|SETUP)/.test(name));
    const env = { ...Object.fromEntries(told.map(({ name, value }) => [name, value])), FIELDTRIAL_KUBECONFIG: kubeconfig };
    const run = () => runFieldtrial(['run', remote.url, '-n', 'fieldtrial', '--image', image, '--max-trials', '2', '-o', 'json'], { env });
    ends = [await run(), await run()];
    events = (await openAuditLog(log).newEvents()).filter(({ user }) => user.username === ACCOUNT);
  });
  after(async () => {
    await admin?.close();
    await cluster?.stop();
    await remote?.cleanup();
  });

  const all = (index: number) => ends[index]!.stdout + ends[index]!.stderr;
  const told = (index: number, type: string) => ends[index]!.events.flatMap((event) => (event.type === type ? [event] : []));

  it('creates two of its list for two trials at once, which run there', () => {
    assert.equal(ends[0]?.exitCode, 0, all(0));
    assert.deepEqual(
      told(0, 'namespace-created')
        .map(({ slot }: any) => slot)
        .toSorted(),
      ['shop-1', 'shop-2'],
    );
    assert.deepEqual(
      told(0, 'trial-finished')
        .map(({ slot, phase }: any) => `${slot} ${phase}`)
        .toSorted(),
      ['shop-1 Completed', 'shop-2 Completed'],
      all(0),
    );
  });

  it('uses the same two in its next run', async () => {
    assert.equal(ends[1]?.exitCode, 0, all(1));
    assert.deepEqual(told(1, 'namespace-created'), []);
    assert.deepEqual(
      told(1, 'trial-finished')
        .map(({ slot, phase }: any) => `${slot} ${phase}`)
        .toSorted(),
      ['shop-1 Completed', 'shop-2 Completed'],
      all(1),
    );
    const { items } = await admin.cluster.list(
      { apiVersion: 'v1', kind: 'Namespace', labelSelector: 'fieldtrial.dev/experiment' },
      limit(),
    );
    assert.deepEqual(
      items.map(({ metadata }) => `${metadata.name} ${metadata.labels?.['pod-security.kubernetes.io/warn']}`),
      ['shop-1 baseline', 'shop-2 baseline'],
    );
  });

  it('was forbidden nothing', () => {
    const forbidden = events.filter(({ responseStatus }) => responseStatus?.code === 403);

    assert.deepEqual(
      forbidden.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.namespace}`),
      [],
    );
  });

  it('has used every verb that the ClusterRole grants', () => {
    const wide = chart.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'fieldtrial').flatMap(grantsOf);

    const used = new Set(events.flatMap(usedBy));
    // The API server asks for `bind` itself when a RoleBinding is created.
    assert.deepEqual(
      wide.filter((grant) => !used.has(grant)),
      ['slot rbac.authorization.k8s.io/clusterroles bind'],
    );
  });
});
