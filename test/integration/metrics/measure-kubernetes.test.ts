import assert from 'node:assert/strict';
import { connectServer, type Connection } from '../../../runner/cluster/connect.ts';
import { measureKubernetes } from '../../../runner/metrics/measure-kubernetes.ts';
import type { MetricTarget } from '../../../runner/model/experiment.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/server.ts';
import { aMetricContext } from '../../support/a-metric-context.ts';

const { signal } = new AbortController();
const CLOCK = { now: () => new Date('2026-03-01T10:01:00Z'), sleep: () => assert.fail('nothing to wait for') };
const METRICS_API = 'metrics.k8s.io/v1beta1';

describe('a metric of type kubernetes, on an API server', () => {
  let sandbox: Sandbox;
  let connection: Connection;

  before(async () => {
    sandbox = await startSandbox();
    connection = connectServer(sandbox.url);
    const { cluster } = connection;
    // The metrics API is served by an addon; here by definitions of the same names.
    for (const [kind, plural, scope] of [
      ['NodeMetrics', 'nodes', 'Cluster'],
      ['PodMetrics', 'pods', 'Namespaced'],
    ] as const)
      await cluster.create(aDefinition(kind, plural, scope), signal);
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, signal);
    await cluster.create({ apiVersion: METRICS_API, kind: 'NodeMetrics', metadata: { name: 'node-1' }, usage: { cpu: '289m' } }, signal);
    await cluster.create(podMetrics('web-0', 'web', '120m'), signal);
    await cluster.create(podMetrics('db-0', 'db', '900m'), signal);
    const labels = { 'fieldtrial.dev/trial': 'sizing-007', 'fieldtrial.dev/trial-role': 'trialRun' };
    await cluster.create(aJob('sizing-007', labels), signal);
    await cluster.create(aJob('sizing-008', { ...labels, 'fieldtrial.dev/trial': 'sizing-008' }), signal);
  });

  after(async () => {
    await connection.close();
    await sandbox.close();
  });

  async function measured(query: string, target: MetricTarget): Promise<number> {
    const metric = { type: 'kubernetes', name: 'cost', minimize: true, optimize: true, query, target } as const;
    const { value } = await measureKubernetes(
      metric,
      aMetricContext(),
      { cluster: connection.cluster, clock: CLOCK, waiting: () => undefined },
      signal,
    );
    return value;
  }

  it('reads what nodes use, which lies in no namespace', async () => {
    const query = '{{milliValue (indexResource target.items.[0].usage "cpu")}}';

    assert.equal(await measured(query, { apiVersion: METRICS_API, kind: 'NodeMetricsList' }), 289);
  });

  it('reads what one node uses', async () => {
    assert.equal(await measured('{{milliValue target.usage.cpu}}', { apiVersion: METRICS_API, kind: 'NodeMetrics', name: 'node-1' }), 289);
  });

  it('reads what the pods use that its labels select', async () => {
    const target = { apiVersion: METRICS_API, kind: 'PodMetricsList', matchLabels: { app: 'web' } };

    assert.equal(await measured('{{milliValue target.items.[0].containers.[0].usage.cpu}}', target), 120);
  });

  it("reads the trial's own Job and no other", async () => {
    assert.equal(await measured('{{#if (eq target.metadata.name trial.name)}}1{{/if}}', { apiVersion: 'batch/v1', kind: 'Job' }), 1);
  });

  it('is unavailable for a kind that the cluster does not serve', async () => {
    await assert.rejects(measured('1', { apiVersion: 'custom.metrics.k8s.io/v1beta1', kind: 'MetricValueList' }), {
      name: 'MetricUnavailable',
      message:
        /^target MetricValue in shop cannot be read: the cluster has no custom\.metrics\.k8s\.io\/v1beta1, so no kind MetricValue of it/,
      transient: false,
    });
  });
});

function aDefinition(kind: string, plural: string, scope: 'Cluster' | 'Namespaced') {
  const group = 'metrics.k8s.io';
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } },
    spec: { group, scope, names: { kind, plural }, versions: [{ name: 'v1beta1', served: true, storage: true, schema }] },
  };
}

function podMetrics(name: string, app: string, cpu: string) {
  const metadata = { name, namespace: 'shop', labels: { app } };
  return { apiVersion: METRICS_API, kind: 'PodMetrics', metadata, containers: [{ name: 'app', usage: { cpu } }] };
}

function aJob(name: string, labels: Record<string, string>) {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'load', image: 'load:1' }] } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'shop', labels }, spec: { template } };
}
