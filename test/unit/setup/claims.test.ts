import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { withoutClaims } from '../../../runner/setup/claims.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { until, whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();
const CREATED = '2026-01-01T10:00:00Z';

function aStatefulSet(fields: { name?: string; templates?: string[]; matchLabels?: Record<string, string> } = {}): KubeObject {
  const { name = 'db', templates = ['data'], matchLabels = { app: 'db' } } = fields;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: 'shop-1', creationTimestamp: CREATED },
    spec: { selector: { matchLabels }, volumeClaimTemplates: templates.map((each) => ({ metadata: { name: each } })) },
  };
}

/** As the controller makes it, unless said otherwise. */
function aClaim(name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject {
  const labels = { app: 'db', more: 'yes' };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'shop-1', labels, creationTimestamp: '2026-01-01T10:00:01Z', ...metadata },
  };
}

function remove(cluster: FakeCluster, statefulSets = [aStatefulSet()], removeSets = () => Promise.resolve(), clock = manualClock()) {
  return whileTimePasses(withoutClaims(statefulSets, removeSets, { cluster, clock, say: () => undefined }, signal), clock);
}

async function removedOf(claims: readonly KubeObject[], ...statefulSets: KubeObject[]): Promise<string[]> {
  const cluster = fakeCluster(claims);
  await remove(cluster, statefulSets);
  return cluster.changes.map((change) => change.replace(/^remove PersistentVolumeClaim /, ''));
}

describe('the claims of StatefulSets', () => {
  it('are found by their names, those of every template and of every pod that there ever was', async () => {
    const claims = ['data-db-0', 'data-db-12', 'log-db-0'].map((name) => aClaim(name));

    assert.deepEqual(await removedOf(claims, aStatefulSet({ templates: ['data', 'log'] })), [
      'shop-1/data-db-0',
      'shop-1/data-db-12',
      'shop-1/log-db-0',
    ]);
  });

  for (const [what, claim] of [
    ['of another name', aClaim('data-database-0')],
    ['whose name goes on', aClaim('data-db-0-copy')],
    ['of another template', aClaim('cache-db-0')],
    ['of another namespace', aClaim('data-db-0', { namespace: 'shop-2' })],
    ['without the labels of the selector', aClaim('data-db-0', { labels: { app: 'other' } })],
    ['that was there before, with data for it', aClaim('data-db-0', { creationTimestamp: '2026-01-01T09:59:59Z' })],
  ] as const) {
    it(`are none ${what}`, async () => {
      assert.deepEqual(await removedOf([claim], aStatefulSet()), []);
    });
  }

  it('are asked for by nobody where no StatefulSet makes any', async () => {
    const cluster = fakeCluster();
    cluster.refuse('list PersistentVolumeClaim', new Error('asked'));

    await remove(cluster, [aStatefulSet({ templates: [] })]);
  });

  it('are deleted before the StatefulSets, and waited for after them', async () => {
    const clock = manualClock();
    const cluster = fakeCluster([aClaim('data-db-0')]);
    const { uid } = cluster.get('PersistentVolumeClaim', 'data-db-0')!.metadata;
    const steps: string[] = [];
    const removeSets = async () => {
      steps.push(...cluster.changes, 'StatefulSets');
      // A pod uses it still, so that it is only marked.
      cluster.put(aClaim('data-db-0', { ...(uid !== undefined && { uid }), deletionTimestamp: CREATED }));
    };
    const removing = remove(cluster, [aStatefulSet()], removeSets, clock).then(() => steps.push('done'));
    await until(() => steps.includes('StatefulSets'), clock);
    assert.deepEqual(steps, ['remove PersistentVolumeClaim shop-1/data-db-0', 'StatefulSets']);

    cluster.delete('PersistentVolumeClaim', 'data-db-0');

    await removing;
    assert.equal(steps.at(-1), 'done');
  });
});
