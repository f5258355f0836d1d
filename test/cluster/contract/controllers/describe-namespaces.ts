import assert from 'node:assert/strict';

import { ClusterError } from '../../../../runner/cluster/errors.ts';
import type { Cluster } from '../../../../runner/cluster/port.ts';
import { podThat } from './pod-templates.ts';

export function describeNamespaces(connect: () => Promise<Cluster>): void {
  const { signal } = new AbortController();
  let cluster: Cluster;

  before(async () => {
    cluster = await connect();
  });

  async function createNamespace(): Promise<string> {
    const created = await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'contract-' } }, signal);
    return created.metadata.name;
  }

  async function eventually<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
    for (let tries = 0; tries < 1200; tries += 1) {
      const value = await ask();
      if (value !== undefined) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('what was asked for never came');
  }

  it('come with a service account and the certificate of the authority', async () => {
    const namespace = await createNamespace();

    const account = await eventually(() => cluster.read({ apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace }, signal));
    const bundle = await eventually(() =>
      cluster.read({ apiVersion: 'v1', kind: 'ConfigMap', name: 'kube-root-ca.crt', namespace }, signal),
    );

    assert.equal(account.kind, 'ServiceAccount');
    assert.deepEqual(Object.keys(bundle['data']), ['ca.crt']);
    await cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
  });

  it('are Terminating until all that is in them has gone, and take nothing new', async () => {
    const namespace = await createNamespace();
    const labels = { app: 'web' };
    await cluster.create(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace },
        spec: { selector: { matchLabels: labels }, template: podThat({ restartPolicy: 'Always', labels }) },
      },
      signal,
    );
    await cluster.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', namespace, finalizers: ['fieldtrial.dev/test'] } },
      signal,
    );
    const pods = { apiVersion: 'v1', kind: 'Pod', namespace };
    await eventually(async () => {
      const { items } = await cluster.list(pods, signal);
      return items.find(({ status }) => status.phase === 'Running');
    });

    const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
    await cluster.remove(ref, {}, signal);
    const held = await eventually(async () => {
      const found = await cluster.read(ref, signal);
      const condition = found?.status.conditions?.find(({ type }: any) => type === 'NamespaceFinalizersRemaining');
      return condition?.status === 'True' ? { found, condition } : undefined;
    });
    const refusal = await cluster
      .create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace } }, signal)
      .catch((error: unknown) => error);
    await eventually(async () => ((await cluster.list(pods, signal)).items.length === 0 ? true : undefined));
    const release = { metadata: { finalizers: null } };
    await cluster.patch({ apiVersion: 'v1', kind: 'ConfigMap', name: 'held', namespace }, 'merge', release, {}, signal);
    await eventually(async () => ((await cluster.read(ref, signal)) === undefined ? true : undefined));

    assert.equal(held.found?.status.phase, 'Terminating');
    assert.equal(held.condition.reason, 'SomeFinalizersRemain');
    assert.match(held.condition.message, /fieldtrial\.dev\/test in 1 resource instances/);
    assert.ok(refusal instanceof ClusterError);
    assert.equal(refusal.status, 403);
    assert.match(refusal.message, /because it is being terminated/);
  });
}
