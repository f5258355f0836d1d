import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSetupTask, type SetupEnvironment } from '../../../runner/setup/run-setup-task.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';

const { signal } = new AbortController();
const SECONDS = { create: 60, delete: 30 };
const LABELS = { 'fieldtrial.dev/trial-uid': 'trial-uid' };

describe('a setup task of the runner', () => {
  let folder: string;
  let told: string[][];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-setup-'));
    told = [];
    await order({});
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };
    await writeFile(
      join(folder, 'seed.json'),
      JSON.stringify({ type: 'manifests', objects: [object], labels: LABELS, timeoutSeconds: SECONDS }),
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Writes the order of the task `db`, a release, with these fields. */
  function order(fields: object) {
    const chart = { from: 'packed', file: 'db.tgz' };
    const release = { type: 'helm', release: 'db', chart, values: [], valuesFolders: [], labels: LABELS, timeoutSeconds: SECONDS };
    return writeFile(join(folder, 'db.json'), JSON.stringify({ ...release, ...fields }));
  }

  function run(environment: Partial<SetupEnvironment>, cluster = fakeCluster()) {
    const helm = (args: readonly string[]) => {
      if (args[0] !== 'list') told.push([...args]);
      return Promise.resolve('[]');
    };
    const deps = {
      ownCharts: () => Promise.resolve('/own/charts'),
      cluster: () => Promise.resolve(cluster),
      helm,
      clock: manualClock(),
      say: () => undefined,
    };
    return runSetupTask({ mode: 'create', name: 'db', namespace: 'shop-1', folder, ...environment }, deps, signal);
  }

  it('installs the chart that lies beside its order', async () => {
    await run({});

    assert.deepEqual(told[0]?.slice(0, 4), ['upgrade', '--install', 'db', join(folder, 'db.tgz')]);
  });

  it("installs a chart that comes with the runner from the runner's own folder", async () => {
    await order({ chart: { from: 'runner', chart: 'fieldtrial/prometheus' } });

    await run({});

    assert.deepEqual(told[0]?.slice(0, 4), ['upgrade', '--install', 'db', '/own/charts/prometheus']);
  });

  it('leaves it to helm to find a chart of a repository', async () => {
    await order({ chart: { from: 'repository', chart: 'db', repository: 'https://charts.example.com' } });

    await run({});

    assert.deepEqual(told[0]?.slice(3, 6), ['db', '--repo', 'https://charts.example.com']);
  });

  it('gives helm every values file of the mounted ConfigMaps, by name, and nothing else that lies there', async () => {
    const values = ['first', 'second'].map((name) => join(folder, name));
    for (const each of values) {
      await mkdir(each);
      for (const file of ['values.yaml', 'prod-values.yaml', 'README.md']) await writeFile(join(each, file), '');
    }
    await order({ valuesFolders: values });

    await run({});

    const files = told[0]?.flatMap((argument, index, all) => (all[index - 1] === '--values' ? [argument] : []));
    assert.deepEqual(
      files,
      values.flatMap((each) => ['prod-values.yaml', 'values.yaml'].map((file) => join(each, file))),
    );
  });

  it('refuses a ConfigMap without a values file', async () => {
    const values = join(folder, 'tuning');
    await mkdir(values);
    await order({ valuesFolders: [values] });

    await assert.rejects(run({}), { message: 'ConfigMap tuning has no values file: none of its keys ends with values.yaml' });
    assert.deepEqual(told, []);
  });

  it('needs no values file and no chart to uninstall', async () => {
    await order({ valuesFolders: [join(folder, 'gone')], chart: { from: 'packed', file: 'gone.tgz' } });

    await run({ mode: 'delete' });

    assert.deepEqual(told, []);
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
