import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { Cluster, KubeObject } from '../../../runner/cluster/port.ts';
import { restoreObjects } from '../../../runner/lifecycle/restore-objects.ts';
import { pointBefore, type RestorePoint } from '../../../runner/lifecycle/restore-point.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';

const { signal } = new AbortController();

function web(replicas: number): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop-1' }, spec: { replicas } };
}

/** Replicas were 1 before a patch made them 3. */
const POINT: RestorePoint = pointBefore(
  { before: web(1), after: web(3) },
  { until: 'trial', target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
);

async function restore(cluster: Pick<Cluster, 'read' | 'patch'>): Promise<string[]> {
  const said: string[] = [];
  await restoreObjects(
    [POINT],
    'shop-1',
    { cluster, emit: (event) => void said.push(event.type === 'notice' ? event.message : event.type) },
    signal,
  );
  return said;
}

describe('putting objects back', () => {
  it('sends one patch with what was there, and says what', async () => {
    const cluster = fakeCluster([web(3)]);

    const said = await restore(cluster);

    assert.deepEqual(cluster.changes, ['patch Deployment shop-1/web merge']);
    assert.equal(cluster.get('Deployment', 'web')?.spec.replicas, 1);
    assert.deepEqual(said, ['Deployment web: put back spec.replicas']);
  });

  it('sends nothing where everything is as it was, or gone', async () => {
    const [same, gone] = [fakeCluster([web(1)]), fakeCluster()];

    assert.deepEqual([await restore(same), await restore(gone)], [[], []]);
    assert.deepEqual([...same.changes, ...gone.changes], []);
  });

  it('leaves what somebody else has changed, and says so', async () => {
    const cluster = fakeCluster([web(5)]);

    assert.deepEqual(await restore(cluster), [
      'Deployment web: somebody else has changed spec.replicas since it was patched, so it stays as it is',
    ]);
    assert.equal(cluster.get('Deployment', 'web')?.spec.replicas, 5);
  });

  it('loses nothing that is written between its read and its patch', async () => {
    const cluster = fakeCluster([web(3)]);
    let writes = 0;
    const busy: Pick<Cluster, 'read' | 'patch'> = {
      read: cluster.read,
      patch(...parameters) {
        if (writes < 2) cluster.put({ ...cluster.get('Deployment', 'web')!, data: { written: (writes += 1) } });
        return cluster.patch(...parameters);
      },
    };

    await restore(busy);

    const { spec, data } = cluster.get('Deployment', 'web')!;
    assert.deepEqual([spec.replicas, data.written], [1, 2]);
  });

  it("fails with the API server's own words when it refuses", async () => {
    const cluster = fakeCluster([web(3)]);
    cluster.refuse('patch', new ClusterError(403, 'Forbidden', 'deployments.apps "web" is forbidden'));

    await assert.rejects(restore(cluster), (error) => {
      assert.ok(error instanceof StageFailure);
      assert.deepEqual(
        [error.reason, error.message],
        ['RestoreFailed', 'Deployment web could not be put back: deployments.apps "web" is forbidden'],
      );
      return true;
    });
  });
});
