import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import { discoverSlots, type SlotLimits } from '../../../runner/slots/discover-slots.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';

describe('discovering slots', () => {
  const discover = (experiment: Partial<Experiment>, limits: Partial<SlotLimits>, cluster: FakeCluster) =>
    discoverSlots(
      { name: 'sizing', ...experiment },
      { slots: undefined, namespace: undefined, own: undefined, ...limits },
      cluster,
      AbortSignal.timeout(5_000),
    );

  it("takes the installation's list in its order", async () => {
    const found = await discover({}, { slots: ['b', 'a'] }, fakeCluster([aNamespace('a'), aNamespace('b')]));

    assert.deepEqual(found, { slots: ['b', 'a'], left: [] });
  });

  it("filters the installation's list by the experiment's selector", async () => {
    const cluster = fakeCluster([aNamespace('a'), aNamespace('b', { team: 'shop' }), aNamespace('c', { team: 'shop' })]);

    const { slots } = await discover({ namespaceSelector: { matchLabels: { team: 'shop' } } }, { slots: ['a', 'b'] }, cluster);

    assert.deepEqual(slots, ['b']);
  });

  it('lists the namespaces that match the selector where there is no list', async () => {
    const cluster = fakeCluster([aNamespace('z', { team: 'shop' }), aNamespace('a', { team: 'shop' }), aNamespace('m')]);

    const { slots } = await discover({ namespaceSelector: { matchLabels: { team: 'shop' } } }, {}, cluster);

    assert.deepEqual(slots, ['a', 'z']);
  });

  it("takes the experiment's own namespace before that of -n", async () => {
    const cluster = fakeCluster([aNamespace('a'), aNamespace('b')]);

    const own = await discover({ namespace: 'a' }, { namespace: 'b' }, cluster);
    const given = await discover({}, { namespace: 'b' }, cluster);

    assert.deepEqual([own.slots, given.slots], [['a'], ['b']]);
  });

  it("keeps an experiment's own namespace below the installation's ceiling", async () => {
    const { slots } = await discover({ namespace: 'a' }, { slots: ['b'] }, fakeCluster([aNamespace('a'), aNamespace('b')]));

    assert.deepEqual(slots, []);
  });

  it('finds none where nothing names one', async () => {
    assert.deepEqual((await discover({}, {}, fakeCluster())).slots, []);
  });

  it('says which are left out and why', async () => {
    const terminating = aNamespace('b');
    terminating.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const cluster = fakeCluster([terminating, aNamespace('runner'), aNamespace('c')]);

    const found = await discover({}, { slots: ['a', 'b', 'runner', 'c'], own: 'runner' }, cluster);

    assert.deepEqual(found.slots, ['c']);
    assert.deepEqual(
      found.left.map(({ slot, reason }) => `${slot} ${reason}`),
      ['a NamespaceMissing', 'b NamespaceTerminating', 'runner OwnNamespace'],
    );
  });

  it('takes a namespace on trust that it may not look at', async () => {
    const cluster = fakeCluster([aNamespace('a')]);
    cluster.refuse('read Namespace', new ClusterError(403, 'Forbidden', 'namespaces "a" is forbidden'));

    const { slots } = await discover({}, { slots: ['a'] }, cluster);

    assert.deepEqual(slots, ['a']);
  });
});

function aNamespace(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels }, status: { phase: 'Active' } };
}
