import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../runner/clock.ts';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { recordPath } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { runSetupTask } from '../../../runner/setup/run-setup-task.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { createRemote, type Files } from '../../support/git-repository.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createNamespace } from '../../support/slots.ts';

const SLOT = 'shop-1';

describe('setup in the embedded cluster', function () {
  this.timeout('60s');

  let sandbox: Sandbox;
  let folder: string;
  let kubeconfig: string;
  let connection: Connection;

  beforeEach(async () => {
    sandbox = await startCluster({ kubelet: { runProcesses: true, createDelay: 0, stopDelay: 0, readyDelay: 0 } });
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-setup-'));
    kubeconfig = join(folder, 'kubeconfig');
    await sandbox.kubeconfig(kubeconfig);
    connection = await connectCluster({ kubeconfig });
    await createNamespace(connection.cluster, SLOT);
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'fieldtrial-setup', namespace: SLOT } };
    await connection.cluster.create(account, limit());
  });

  afterEach(async () => {
    await connection.close();
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  /** The record of an experiment's one trial, whose Job runs this script, and what the slot still holds of it. */
  async function tried(script: string, spec: JsonObject, files: Files = {}): Promise<{ record: TrialRecord; left: string[] }> {
    const container = { name: 'load', image: 'busybox', command: ['sh', '-euc', script] };
    const remote = await createRemote({ ...files, 'experiments/sizing/experiment.yaml': JSON.stringify(experiment(spec, container)) });
    try {
      const flags = ['--kubeconfig', kubeconfig, '-n', 'default', '--slots', SLOT, '--image', 'fieldtrial:test', '-o', 'json'];
      const { stdout, stderr } = await runFieldtrial(['run', remote.url, ...flags]);
      const path = recordPath('sizing', 1);
      const text = await remote.read('fieldtrial/results', path).catch(() => assert.fail(`there is no record:\n${stdout}${stderr}`));
      return { record: parseRecord(text, path), left: await ofTrials() };
    } finally {
      await remote.cleanup();
    }
  }

  async function ofTrials(): Promise<string[]> {
    const kinds = ['v1 ConfigMap', 'batch/v1 Job'].map((each) => each.split(' ') as [string, string]);
    const lists = await Promise.all(
      kinds.map(async ([apiVersion, kind]) => {
        const { items } = await connection.cluster.list(
          { apiVersion, kind, namespace: SLOT, labelSelector: 'fieldtrial.dev/trial' },
          limit(),
        );
        return items.map(({ metadata }) => `${kind} ${metadata.name}`);
      }),
    );
    return lists.flat();
  }

  it('mounts files of the repository into setup tasks and the trial Job, and removes them', async () => {
    const { record, left } = await tried(
      'cat /load/lib/result.txt',
      {
        files: [{ path: 'load', mountPath: '/load' }],
        setupTasks: [{ name: 'seed', image: 'seed', command: ['sh', '-euc', 'test -e /load/seed.sql'] }],
      },
      { 'load/lib/result.txt': 'rate: 42\n', 'load/seed.sql': '{{as it is}}' },
    );

    assert.equal(record.status.failure, undefined, JSON.stringify(record.status.failure));
    assert.equal(record.status.values[0]?.value, 42);
    assert.deepEqual(left, []);
  });

  it('runs no setup Job when all tasks are skipped', async () => {
    const task = { name: 'seed', image: 'seed', command: ['false'], skipCreate: true, skipDelete: true };

    const { record, left } = await tried('echo rate: 1', { setupTasks: [task] });

    assert.equal(record.status.phase, 'Completed');
    assert.deepEqual(
      record.status.stages.map(({ stage }) => stage),
      ['create-trial', 'run', 'collect'],
    );
    assert.deepEqual(left, []);
  });

  it('tells the delete Job why the trial failed; where that fails, the result stays and the slot is quarantined (R§25.1.18)', async () => {
    const script = 'test $MODE = create && exit 0; echo "the trial failed: $FAILURE_REASON"; exit 1';

    const { record } = await tried('exit 7', { setupTasks: [{ name: 'seed', image: 'seed', command: ['sh', '-c', script] }] });

    assert.equal(record.status.failure?.reason, 'ContainerFailed');
    assert.deepEqual(record.status.setupDeletion, {
      status: 'Failed',
      reason: 'SetupJobFailed',
      message: 'container seed exited with code 1: the trial failed: ContainerFailed',
    });
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'fieldtrial-slot', namespace: SLOT };
    const { metadata } = (await connection.cluster.read(lease, limit()))!;
    assert.equal(metadata.labels?.['fieldtrial.dev/quarantined'], 'SetupJobFailed');
  });

  it('deletes the claims that a StatefulSet of manifests has made', async () => {
    const objects = [aDatabase()];
    const order = { type: 'manifests', objects, labels: { 'fieldtrial.dev/trial-uid': 'a' }, timeoutSeconds: { create: 30, delete: 30 } };
    await writeFile(join(folder, 'db.json'), JSON.stringify(order));
    await setUp('create');
    await until(async () => (await claims()).length === 2);

    await setUp('delete');

    assert.deepEqual(await claims(), []);
  });

  function setUp(mode: 'create' | 'delete'): Promise<void> {
    const deps = {
      cluster: () => Promise.resolve(connection.cluster),
      helm: () => assert.fail('manifests need no helm'),
      ownCharts: () => assert.fail('nor charts'),
      clock: systemClock,
      say: () => undefined,
    };
    return runSetupTask({ mode, name: 'db', namespace: SLOT, folder }, deps, limit());
  }

  async function claims(): Promise<string[]> {
    const { items } = await connection.cluster.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: SLOT }, limit());
    return items.map(({ metadata }) => metadata.name);
  }
});

function experiment(spec: JsonObject, container: JsonObject): JsonObject {
  return {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'sizing' },
    spec: {
      suggest: { source: 'grid' },
      parameters: [{ name: 'cpu', values: ['1'] }],
      metrics: [{ name: 'rate', type: 'logs', query: 'rate: (\\d+)' }],
      trialTemplate: {
        metadata: { namespace: SLOT },
        spec: { ...spec, jobTemplate: { spec: { template: { spec: { containers: [container] } } } } },
      },
    },
  };
}

/** A StatefulSet of two pods, each of which claims a volume. */
function aDatabase(): KubeObject {
  const labels = { app: 'db' };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'db' }] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
    },
  };
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  const late = Date.now() + 20_000;
  while (!(await reached())) {
    assert.ok(Date.now() < late, 'it did not come to that');
    await systemClock.sleep(20, limit());
  }
}

function limit(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
