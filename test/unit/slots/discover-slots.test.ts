import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import { discoverSlots, type SlotLimits } from '../../../runner/slots/discover-slots.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';

describe('discovering slots', () => {
  const discover = (experiment: Partial<Experiment>, limits: Partial<SlotLimits>, cluster: FakeCluster) =>
    discoverSlots(
      { name: 'sizing', replicas: 1, ...experiment },
      { slots: undefined, namespace: undefined, own: undefined, ...limits },
      cluster,
      AbortSignal.timeout(5_000),
    );

  it("takes the installation's list in its order", async () => {
    const found = await discover({}, { slots: ['b', 'a'] }, fakeCluster([aNamespace('a'), aNamespace('b')]));

    assert.deepEqual(found, { slots: ['b', 'a'], left: [], missing: [], absent: [], made: [], unseen: [] });
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

  it('finds none for a selector where namespaces may not be listed', async () => {
    const cluster = fakeCluster([aNamespace('a', { team: 'shop' })]);
    cluster.refuse('list Namespace', new ClusterError(403, 'Forbidden', 'namespaces is forbidden'));

    const { slots, unlisted } = await discover({ namespaceSelector: { matchLabels: { team: 'shop' } } }, {}, cluster);

    assert.deepEqual([slots, unlisted], [[], true]);
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

  describe('with a namespaceTemplate', () => {
    const namespaceTemplate = { prefix: 'shop-', labels: { team: 'shop' }, annotations: {} };
    const madeFor = (experiment: string) => ({
      'fieldtrial.dev/experiment': experiment,
      'fieldtrial.dev/trial-role': 'slot',
      team: 'shop',
    });
    const selecting = { namespaceSelector: { matchLabels: { team: 'shop' } } };

    it('has as many made as are missing to the replicas, those there are first', async () => {
      const cluster = fakeCluster([aNamespace('shop-2', madeFor('sizing'))]);

      const found = await discover({ replicas: 3, namespaceTemplate }, {}, cluster);

      assert.deepEqual(found, {
        slots: ['shop-2', 'shop-1', 'shop-3'],
        left: [],
        missing: ['shop-1', 'shop-3'],
        absent: ['shop-1', 'shop-3'],
        made: ['shop-2'],
        unseen: [],
      });
    });

    it('has none made once there are enough, as the run before has left them', async () => {
      const cluster = fakeCluster([aNamespace('shop-1', madeFor('sizing')), aNamespace('shop-2', madeFor('sizing'))]);

      for (const selector of [{}, selecting]) {
        const { slots, missing } = await discover({ replicas: 2, namespaceTemplate, ...selector }, {}, cluster);

        assert.deepEqual([slots, missing], [['shop-1', 'shop-2'], []]);
      }
    });

    it('counts every namespace that the selector finds, whoever has created it', async () => {
      const cluster = fakeCluster([aNamespace('team-slot', { team: 'shop' })]);

      const { slots, missing } = await discover({ replicas: 2, namespaceTemplate, ...selecting }, {}, cluster);

      assert.deepEqual([slots, missing], [['team-slot', 'shop-1'], ['shop-1']]);
    });

    it('leaves alone a namespace of such a name that is not for the experiment', async () => {
      const cluster = fakeCluster([aNamespace('shop-1'), aNamespace('shop-2', { 'fieldtrial.dev/experiment': 'other' })]);

      for (const selector of [{}, selecting]) {
        const { slots, missing, left } = await discover({ replicas: 2, namespaceTemplate, ...selector }, {}, cluster);

        assert.deepEqual([slots, missing], [[], []]);
        assert.deepEqual(
          left.map(({ slot, reason }) => `${slot} ${reason}`),
          ['shop-1 NamespaceTaken', 'shop-2 NamespaceTaken'],
        );
      }
    });

    it('never has another name in the place of a namespace that is being deleted', async () => {
      const terminating = { ...aNamespace('shop-1', madeFor('sizing')), status: { phase: 'Terminating' } };

      const { slots, missing } = await discover({ replicas: 1, namespaceTemplate, ...selecting }, {}, fakeCluster([terminating]));

      assert.deepEqual([slots, missing], [[], []]);
    });

    it("keeps to the installation's list, and has what is missing of it made up to the replicas", async () => {
      const found = await discover(
        { replicas: 2, namespaceTemplate, ...selecting },
        { slots: ['a', 'b', 'c', 'd'] },
        fakeCluster([aNamespace('a'), aNamespace('b', { team: 'shop' })]),
      );

      assert.deepEqual(found, { slots: ['b', 'c'], left: [], missing: ['c'], absent: ['c', 'd'], made: [], unseen: [] });
    });

    it('has none made for an experiment that is paused', async () => {
      const { missing } = await discover({ replicas: 0, namespaceTemplate }, { slots: ['a'] }, fakeCluster());

      assert.deepEqual(missing, []);
    });
  });

  it('takes a namespace on trust that it may not look at', async () => {
    const cluster = fakeCluster([aNamespace('a')]);
    cluster.refuse('read Namespace', new ClusterError(403, 'Forbidden', 'namespaces "a" is forbidden'));

    const { slots } = await discover({}, { slots: ['a'] }, cluster);

    assert.deepEqual(slots, ['a']);
  });

  it('says of which it could not see whether they fit the experiment', async () => {
    const cluster = fakeCluster([aNamespace('a')]);
    cluster.refuse('read Namespace', new ClusterError(403, 'Forbidden', 'namespaces "a" is forbidden'));
    const namespaceTemplate = { prefix: 'shop-', labels: {}, annotations: {} };

    const selecting = await discover({ namespaceSelector: { matchLabels: { team: 'shop' } } }, { slots: ['a'] }, cluster);
    const making = await discover({ namespaceTemplate }, {}, cluster);
    const plain = await discover({}, { slots: ['a'] }, cluster);

    assert.deepEqual([selecting.unseen, making.unseen, plain.unseen], [['a'], ['shop-1'], []]);
  });
});

function aNamespace(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels }, status: { phase: 'Active' } };
}
