import assert from 'node:assert/strict';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { recordPath } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { startChartServer, type ChartServer } from '../../support/chart-server.ts';
import { clusterNames } from '../../support/cluster-names.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createSlot, deleteSlot, remains } from '../../support/slots.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { setupExperiments, type SetupExperiment } from './setup-experiments.ts';

const RESULTS = 'fieldtrial/results';
const IMAGE = 'local/fieldtrial:test';

/** Charts that are in no repository of git: what they are given is printed by the trial Job, which reads this ConfigMap. */
const SETTINGS = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  text: {{ printf "%T %v" .Values.text .Values.text | quote }}
  number: {{ printf "%T %v" .Values.number .Values.number | quote }}
  fromFile: {{ quote .Values.fromFile }}
  overruled: {{ quote .Values.overruled }}
  version: {{ quote .Chart.Version }}
`;
const VALUES = 'text: ""\nnumber: 0\nfromFile: chart\noverruled: chart\n';

describe('setup on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let charts: ChartServer;
  let experiments: SetupExperiment[];
  let remote: Remote;
  let end: FieldtrialEnd;

  before(async () => {
    cluster = await testCluster('node');
    await cluster.runnerImage();
    const images = { prometheus: await cluster.prometheusImage(), pushgateway: await cluster.pushgatewayImage() };
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    assert.ok(cluster.hostAddress !== undefined, 'pods must be able to reach this machine');
    const files = { 'templates/settings.yaml': SETTINGS, 'values.yaml': VALUES };
    const versions = ['1.0.0', '1.1.0'].map((version) => ({ name: 'settings', version, files }));
    charts = await startChartServer(versions, cluster.hostAddress);
    experiments = setupExperiments({ runnerImage: IMAGE, images, charts });
    remote = await createRemote(
      Object.assign({}, ...experiments.map(({ name, definition, files: own }) => ({ ...own, [definitionPath(name)]: definition }))),
    );
    await Promise.all(experiments.map(prepareSlot));
    end = await runFieldtrial(
      [
        'run',
        remote.url,
        '--kubeconfig',
        cluster.kubeconfig,
        '-n',
        'default',
        '--slots',
        experiments.map(({ name }) => name).join(),
      ].concat(['--image', IMAGE, '-o', 'json']),
      { env: await clusterNames(connection.cluster) },
    );
  });

  after(async () => {
    await charts?.close();
    await remote?.cleanup();
    await Promise.all((experiments ?? []).map(({ name }) => deleteSlot(connection.cluster, name)));
    await Promise.all((experiments ?? []).flatMap(({ clusterObjects = [] }) => clusterObjects).map(removeObject));
    await connection?.close();
    await cluster?.stop();
  });

  it('is no error of the run, whatever happens', () => {
    assert.equal(end.exitCode, 0, end.stderr);
  });

  it('installs a chart of a chart repository with values from ConfigMaps, assignments and text', async () => {
    const record = await completed('repository');

    assert.deepEqual(printedBy(record), {
      text: 'string 2',
      number: 'float64 2',
      fromFile: 'slot',
      overruled: 'helmValues',
      version: '1.0.0',
    });
  });

  it('installs the newest chart of a registry that a private authority vouches for', async () => {
    const record = await completed('registry');

    assert.equal(printedBy(record).version, '1.1.0');
  });

  it('pushes to the Prometheus that comes with the runner, where a metric without an address is asked', async () => {
    const record = await completed('prometheus');

    assert.deepEqual(
      record.status.values.map(({ name, value }) => [name, value]),
      [['pushed', 42]],
    );
  });

  it('mounts files of the repository, as they are, into setup tasks and the trial Job', async () => {
    const record = await completed('files');

    assert.deepEqual(printedBy(record), { seed: 'seeded with {{not rendered}}', load: 'loaded' });
  });

  it('has no Job when all its tasks are skipped', async () => {
    await completed('skipped');

    const { items } = await connection.cluster.list({ apiVersion: 'v1', kind: 'Event', namespace: 'skipped' }, limit());
    const jobs = items.filter(({ involvedObject }) => involvedObject.kind === 'Job').map(({ involvedObject }) => involvedObject.name);
    assert.deepEqual([...new Set(jobs)], ['skipped-001']);
  });

  it('deletes what only its delete Job knows of', async () => {
    await completed('delete-only');

    assert.equal(
      await connection.cluster.read({ apiVersion: 'v1', kind: 'ConfigMap', name: 'cache', namespace: 'delete-only' }, limit()),
      undefined,
    );
  });

  it('deletes the claims of its StatefulSets, and leaves one that was there before', async () => {
    await completed('claims');

    const { items } = await connection.cluster.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'claims' }, limit());
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['data-db-1'],
    );
    const volume = await connection.cluster.read({ apiVersion: 'v1', kind: 'PersistentVolume', name: 'setup-claims' }, limit());
    assert.match(volume?.spec.claimRef.name, /^data-db-0$/);
  });

  it('uninstalls what a killed helm has left, and what is killed itself is left to nobody', async () => {
    const [first, second] = await Promise.all([1, 2].map((number) => readRecord('killed', number)));

    assert.deepEqual(
      { stage: first!.status.failure?.stage, reason: first!.status.failure?.reason },
      { stage: 'setup-create', reason: 'SetupJobTimeout' },
    );
    const [container] = first!.status.failure?.evidence?.containers ?? [];
    assert.match(container?.log ?? '', /uninstalling release web, left behind \(pending-install\)/);
    assert.equal(second!.status.phase, 'Completed', JSON.stringify(second!.status.failure));
  });

  it('leaves nothing behind', async () => {
    for (const { name, leaves = [] } of experiments) assert.deepEqual(await leftIn(name, leaves), leaves, name);
  });

  /** The record of the first trial, which completed. */
  async function completed(experiment: string): Promise<TrialRecord> {
    const record = await readRecord(experiment, 1);
    assert.equal(record.status.phase, 'Completed', JSON.stringify(record.status.failure));
    return record;
  }

  async function readRecord(experiment: string, number: number): Promise<TrialRecord> {
    const path = recordPath(experiment, number);
    const text = await remote.read(RESULTS, path).catch(() => assert.fail(`there is no ${path}:\n${end.stdout}${end.stderr}`));
    return parseRecord(text, path);
  }

  async function prepareSlot({ name, objects = [], clusterObjects = [] }: SetupExperiment): Promise<void> {
    await createSlot(connection.cluster, name);
    for (const object of clusterObjects as KubeObject[]) await connection.cluster.create(object, limit());
    for (const object of objects as KubeObject[]) {
      await connection.cluster.create({ ...object, metadata: { ...object.metadata, namespace: name } }, limit());
    }
  }

  async function removeObject(object: JsonObject): Promise<void> {
    const { apiVersion, kind, metadata } = object as KubeObject;
    await connection.cluster.remove({ apiVersion, kind, name: metadata.name }, {}, limit());
  }

  /** The garbage collector gets to the ended pods of a deleted Job a moment later. */
  async function leftIn(slot: string, leaves: readonly string[]): Promise<string[]> {
    const late = Date.now() + 30_000;
    for (;;) {
      const left = await remains(connection.cluster, slot);
      if (left.length <= leaves.length || Date.now() > late) return left;
      await new Promise((passed) => setTimeout(passed, 200));
    }
  }
});

function definitionPath(name: string): string {
  return `experiments/${name}/experiment.yaml`;
}

/** What the trial Job printed as its last line, JSON, of which a metric has kept the text. */
function printedBy({ status }: TrialRecord): Record<string, string> {
  const raw = status.values.find(({ name }) => name === 'printed')?.raw ?? assert.fail('nothing was printed');
  return (JSON.parse(raw.trim().split('\n').at(-1)!) as { settings: Record<string, string> }).settings;
}

function limit(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
