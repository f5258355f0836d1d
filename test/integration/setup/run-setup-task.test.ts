import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSetupTask, type SetupEnvironment } from '../../../runner/setup/run-setup-task.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';

const { signal } = new AbortController();
const LABELS = { 'fieldtrial.dev/trial-uid': 'trial-uid' };

describe('a setup task of the runner', () => {
  let folder: string;
  let told: string[][];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-setup-'));
    told = [];
    await writeFile(
      join(folder, 'db.json'),
      JSON.stringify({ type: 'helm', release: 'db', chart: 'db.tgz', values: [], labels: LABELS, timeoutSeconds: 60 }),
    );
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };
    await writeFile(
      join(folder, 'seed.json'),
      JSON.stringify({ type: 'manifests', objects: [object], labels: LABELS, timeoutSeconds: 60 }),
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  function run(environment: Partial<SetupEnvironment>, cluster = fakeCluster()) {
    const helm = (args: readonly string[]) => {
      if (args[0] !== 'list') told.push([...args]);
      return Promise.resolve('[]');
    };
    const deps = { cluster: () => Promise.resolve(cluster), helm, clock: manualClock(), say: () => undefined };
    return runSetupTask({ mode: 'create', name: 'db', namespace: 'shop-1', folder, ...environment }, deps, signal);
  }

  it('installs the chart that lies beside its order', async () => {
    await run({});

    assert.deepEqual(told[0]?.slice(0, 4), ['upgrade', '--install', 'db', join(folder, 'db.tgz')]);
  });

  it('applies the manifests of its order into the slot', async () => {
    const cluster = fakeCluster();

    await run({ name: 'seed' }, cluster);

    assert.deepEqual(cluster.changes, ['apply ConfigMap shop-1/settings']);
  });

  it('deletes them in the other mode', async () => {
    const cluster = fakeCluster();
    await run({ name: 'seed' }, cluster);

    await run({ name: 'seed', mode: 'delete' }, cluster);

    assert.equal(cluster.changes.at(-1), 'remove ConfigMap shop-1/settings');
  });

  for (const missing of [{ mode: undefined }, { mode: 'update' }, { name: undefined }, { namespace: undefined }]) {
    it(`says that it runs inside setup Jobs, given ${JSON.stringify(Object.entries(missing).flat())}`, async () => {
      await assert.rejects(run(missing), {
        name: 'UsageError',
        message: /runs inside setup Jobs: NAME, NAMESPACE and MODE \(create or delete\) must be set/,
      });
    });
  }
});
