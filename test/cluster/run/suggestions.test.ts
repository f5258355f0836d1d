import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import { startExperimentsServer, type ExperimentsServer } from '../../support/experiments-api/start-experiments-server.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, phasesOf, type World } from './world.ts';

const LOAD = { name: 'load', image: 'busybox:latest', imagePullPolicy: 'IfNotPresent', command: ['sleep', '1'] };
const JOB = { spec: { template: { spec: { terminationGracePeriodSeconds: 1, containers: [LOAD] } } } };

/** As somebody wrote it for Red Sky Ops: its patch is a Go template, and so is its query. */
const FORMER = {
  apiVersion: 'redskyops.dev/v1beta1',
  kind: 'Experiment',
  metadata: { name: 'former', labels: { 'redskyops.dev/application': 'shop' } },
  spec: {
    optimization: [{ name: 'experimentBudget', value: '2' }],
    parameters: [{ name: 'memory', min: 16, max: 64, baseline: 32 }],
    metrics: [
      { name: 'limit', minimize: true, type: 'kubernetes', query: '{{ index .Values "memory" }}' },
      { name: 'seconds', minimize: true, type: 'local', query: '{{ duration .StartTime .CompletionTime }}' },
    ],
    patches: [
      {
        targetRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' },
        type: 'merge',
        patch: 'data:\n  memory: "{{ .Values.memory }}Mi"\n  half: "{{ percent .Values.memory 50 }}Mi"\n',
      },
    ],
    trialTemplate: { spec: { jobTemplate: JOB } },
  },
};

const REMOTE = {
  ...experimentOf('asked'),
  spec: {
    suggest: { source: 'remote' },
    parameters: [{ name: 'cpu', min: 1, max: 9, baseline: 4 }],
    metrics: [{ name: 'cost', minimize: true, query: '{{values.cpu}}' }],
    trialTemplate: { spec: { jobTemplate: JOB } },
  },
};

const MANUAL = { ...REMOTE, metadata: { name: 'by-hand' }, spec: { ...REMOTE.spec, suggest: { source: 'manual' } } };

describe('whoever suggests, on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let api: ExperimentsServer;
  let folder: WorkingFolder;
  let world: World;
  let end: FieldtrialEnd;

  before(async () => {
    cluster = await testCluster('node');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    api = await startExperimentsServer({ budget: 2 });
    const surroundings = { kubeconfig: cluster.kubeconfig, cluster: connection.cluster };
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { memory: '1Mi' } };
    world = await openWorld([FORMER, REMOTE, MANUAL], ['suggested'], surroundings, [settings]);
    folder = await createWorkingFolder({ 'experiments/by-hand/experiment.yaml': JSON.stringify(MANUAL) });
    const { stdout: path } = await runFieldtrial(['suggest', 'by-hand', '-A', 'cpu=7'], { cwd: folder.path });
    await world.remote.commit({ [path.trim()]: await readFile(join(folder.path, path.trim()), 'utf8') });
    end = await world.start('--remote-url', api.url, '--remote-wait', '2s').ended;
  });

  after(async () => {
    await world?.close();
    await folder?.cleanup();
    await api?.close();
    await connection?.close();
    await cluster?.stop();
  });

  const recordsOf = async (experiment: string) => (await world.records()).filter(({ spec }) => spec.experiment === experiment);

  it('has a file of Red Sky Ops run as it is', async () => {
    const [baseline, second] = await recordsOf('former');

    assert.deepEqual(phasesOf(await recordsOf('former')), ['former-001 Completed', 'former-002 Completed'], end.stdout);
    assert.equal(baseline?.spec.baseline, true);
    assert.equal(baseline.status.values[0]?.value, 32);
    assert.equal(second?.status.values[0]?.value, second?.spec.assignments[0]?.value);
    assert.deepEqual(
      second?.status.patches.map(({ target, effect }) => `${target} ${effect}`),
      ['ConfigMap settings changed'],
    );
  });

  it('has what a remote API hands out tried, and reported to it', async () => {
    const trials = api.state.experiments.get('asked')?.trials ?? [];

    assert.deepEqual(phasesOf(await recordsOf('asked')), ['asked-001 Completed', 'asked-002 Completed'], end.stdout);
    assert.deepEqual(
      trials.map(({ status, reports }) => [status, reports.length]),
      [
        ['completed', 1],
        ['completed', 1],
      ],
    );
    assert.deepEqual(trials[0]?.reports[0]?.values, [{ metricName: 'cost', value: 4 }]);
  });

  it('has the baseline tried before what was suggested by hand, and then nothing more', async () => {
    const records = await recordsOf('by-hand');

    assert.deepEqual(phasesOf(records), ['by-hand-001 Completed', 'by-hand-002 Completed'], end.stdout);
    assert.deepEqual(
      records.map(({ spec }) => [spec.source.type, spec.assignments[0]?.value]),
      [
        ['baseline', 4],
        ['queue', 7],
      ],
    );
    assert.equal(end.exitCode, 0, end.stderr);
  });

  it('leaves the slot clean', async () => {
    await world.assertClean();
  });
});
