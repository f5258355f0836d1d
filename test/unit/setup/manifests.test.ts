import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { applyManifests, deleteManifests } from '../../../runner/setup/manifests.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { until, whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();
const PLACE = { namespace: 'shop-1', labels: { 'fieldtrial.dev/experiment': 'sizing', 'fieldtrial.dev/trial-uid': 'trial-uid' } };
const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', labels: { app: 'shop' } } };
const CREATED = '2026-01-01T10:00:00Z';
const SERVICE = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' } };

let said: string[];

const apply = (cluster: FakeCluster, objects: unknown[]) =>
  applyManifests(objects, PLACE, { cluster, clock: manualClock(), say: (line) => void said.push(line) }, signal);

function remove(cluster: FakeCluster, objects: unknown[], clock = manualClock()) {
  return whileTimePasses(deleteManifests(objects, PLACE, { cluster, clock, say: (line) => void said.push(line) }, signal), clock);
}

beforeEach(() => {
  said = [];
});

describe('applying manifests', () => {
  it('applies them in order, and says which', async () => {
    const cluster = fakeCluster();

    await apply(cluster, [CONFIG, SERVICE]);

    assert.deepEqual(cluster.changes, ['apply ConfigMap shop-1/settings', 'apply Service shop-1/shop']);
    assert.deepEqual(said, ['applied ConfigMap shop-1/settings', 'applied Service shop-1/shop']);
  });

  it("adds the trial's labels to their own", async () => {
    const cluster = fakeCluster();

    await apply(cluster, [CONFIG]);

    assert.deepEqual(cluster.get('ConfigMap', 'settings')?.metadata.labels, { app: 'shop', ...PLACE.labels });
  });

  it('keeps a namespace that the manifest names', async () => {
    const cluster = fakeCluster();

    await apply(cluster, [{ ...CONFIG, metadata: { name: 'settings', namespace: 'shared' } }]);

    assert.deepEqual(cluster.changes, ['apply ConfigMap shared/settings']);
  });

  it('takes over what an earlier trial left', async () => {
    const cluster = fakeCluster([
      { ...CONFIG, metadata: { name: 'settings', namespace: 'shop-1', labels: { 'fieldtrial.dev/experiment': 'sizing' } } },
    ]);

    await apply(cluster, [CONFIG]);

    assert.equal(cluster.get('ConfigMap', 'settings')?.metadata.labels?.['fieldtrial.dev/trial-uid'], 'trial-uid');
  });

  it('does not take over what no trial created: the teardown would delete it', async () => {
    const cluster = fakeCluster([{ ...CONFIG, metadata: { name: 'settings', namespace: 'shop-1' } }]);

    await assert.rejects(apply(cluster, [SERVICE, CONFIG]), {
      reason: 'SlotDirty',
      message: 'ConfigMap shop-1/settings exists and no trial created it; delete it or rename it in the manifests',
    });
    assert.deepEqual(cluster.changes, []);
  });

  for (const [what, object] of [
    ['no kind', { apiVersion: 'v1', metadata: { name: 'a' } }],
    ['no name', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }],
    ['nothing but text', 'ConfigMap'],
  ] as const) {
    it(`refuses all of them when one has ${what}`, async () => {
      const cluster = fakeCluster();

      await assert.rejects(apply(cluster, [CONFIG, object]), {
        name: 'InvalidInput',
        message: /needs apiVersion, kind and metadata\.name, got /,
      });
      assert.deepEqual(cluster.changes, []);
    });
  }
});

describe('deleting manifests', () => {
  it('deletes them in reverse', async () => {
    const cluster = fakeCluster();
    await apply(cluster, [CONFIG, SERVICE]);
    cluster.changes.length = 0;

    await remove(cluster, [CONFIG, SERVICE]);

    assert.deepEqual(cluster.changes, ['remove Service shop-1/shop', 'remove ConfigMap shop-1/settings']);
  });

  it("deletes the claims of this trial's StatefulSets, and those of nobody else's", async () => {
    const claim = (name: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'shop-1', creationTimestamp: CREATED },
    });
    const cluster = fakeCluster([claim('data-db-0'), claim('data-other-0')]);
    const statefulSet = (name: string, labels: Record<string, string>) => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name, namespace: 'shop-1', labels, creationTimestamp: CREATED },
      spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
    });
    const [ours, other] = [statefulSet('db', PLACE.labels), statefulSet('other', { 'fieldtrial.dev/trial-uid': 'another' })];
    cluster.put(ours);
    cluster.put(other);

    await remove(cluster, [ours, other]);

    assert.deepEqual(cluster.changes, ['remove PersistentVolumeClaim shop-1/data-db-0', 'remove StatefulSet shop-1/db']);
  });

  it('is fine with what is not there', async () => {
    await remove(fakeCluster(), [CONFIG]);

    assert.deepEqual(said, []);
  });

  it("leaves what is not this trial's, and says so", async () => {
    const cluster = fakeCluster([{ ...CONFIG, metadata: { name: 'settings', namespace: 'shop-1' } }]);

    await remove(cluster, [CONFIG]);

    assert.deepEqual(cluster.changes, []);
    assert.deepEqual(said, ["left ConfigMap shop-1/settings: it is not this trial's"]);
  });

  it('waits until they are gone', async () => {
    const clock = manualClock();
    const cluster = fakeCluster();
    await apply(cluster, [CONFIG]);
    const applied = cluster.get('ConfigMap', 'settings') as KubeObject;
    // A finalizer keeps it for a while.
    const slow = { ...cluster, remove: () => Promise.resolve(true) };
    let isDone = false;
    const done = remove(slow, [CONFIG], clock).finally(() => {
      isDone = true;
    });
    await until(() => said.includes('deleting ConfigMap shop-1/settings'), clock);
    assert.equal(isDone, false);

    cluster.delete('ConfigMap', applied.metadata.name);

    await done;
  });
});
