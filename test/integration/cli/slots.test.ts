import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { experimentFile } from '../../support/definitions.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, startFieldtrial, type FieldtrialEnd, type StartedFieldtrial } from '../../support/run-fieldtrial.ts';
import { createNamespace, remains } from '../../support/slots.ts';

const EXPERIMENT = {
  apiVersion: 'fieldtrial.dev/v1alpha1',
  kind: 'Experiment',
  metadata: { name: 'sizing' },
  spec: {
    suggest: { source: 'grid', budget: 1 },
    parameters: [{ name: 'cpu', min: 1, max: 4, baseline: 2 }],
    metrics: [{ name: 'cost', minimize: true, query: '{{values.cpu}}' }],
    trialTemplate: {
      spec: {
        setupTasks: [{ name: 'seed', image: 'seed', command: ['true'] }],
        jobTemplate: { spec: { template: { spec: { containers: [{ name: 'load', image: 'load', command: ['sleep', '600'] }] } } } },
      },
    },
  },
};

describe('fieldtrial slots', function () {
  this.timeout('60s');

  let sandbox: Sandbox;
  let remote: Remote;
  let folder: string;
  let connection: Connection;
  let flags: string[];

  before(async () => {
    sandbox = await startCluster({ kubelet: { runProcesses: true, createDelay: 0, stopDelay: 0, readyDelay: 0 } });
    remote = await createRemote({ [experimentFile('sizing')]: JSON.stringify(EXPERIMENT) });
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-slots-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await sandbox.kubeconfig(kubeconfig);
    connection = await connectCluster({ kubeconfig });
    flags = ['--kubeconfig', kubeconfig];
    await createNamespace(connection.cluster, 'shop-1');
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'fieldtrial-setup', namespace: 'shop-1' } };
    await connection.cluster.create(account, AbortSignal.timeout(10_000));
  });
  after(async () => {
    await connection.close();
    await sandbox.close();
    await remote.cleanup();
    await rm(folder, { recursive: true });
  });

  const slots = (...args: string[]): Promise<FieldtrialEnd> => runFieldtrial(['slots', ...args, ...flags]);

  /** A run whose trial Job has begun. */
  async function runningTrial(): Promise<StartedFieldtrial> {
    const args = ['run', remote.path, '--slots', 'shop-1', '-n', 'default', '--image', 'fieldtrial:test', '-o', 'json'];
    const started = startFieldtrial([...args, '--lease-duration', '6s', ...flags]);
    await started.event((event) => event.type === 'stage-started' && event.stage === 'run');
    return started;
  }

  it('says where no run has been, and makes nothing there', async () => {
    const listed = await slots();
    const cleaned = await slots('clean', 'shop-7');

    assert.equal(listed.stdout, 'no slots: no run has ever taken a namespace\n');
    assert.equal(cleaned.exitCode, 2);
    assert.match(cleaned.stderr, /^error: no run has ever taken shop-7 as a slot: it has no Lease fieldtrial-slot\n$/);
  });

  it('refuses to clean what a run works in, shows what one left, and cleans that', async () => {
    const run = await runningTrial();
    const held = await slots();
    const refused = await slots('clean', 'shop-1');
    run.child.kill('SIGTERM');
    await run.ended;
    const left = await slots();
    const cleaned = await slots('clean', 'shop-1');
    const after = await slots('-o', 'json');

    assert.match(held.stdout, /^shop-1 {3}Held {4,}\S+, renewed \S+ ago {3}sizing-001 at run$/m);
    assert.equal(refused.exitCode, 6);
    assert.match(refused.stderr, /^run \S+ is alive and works in shop-1; end it first/m);
    assert.match(left.stdout, /^shop-1 {3}Unfinished {3}- {8}sizing-001 at run$/m);
    assert.equal(cleaned.exitCode, 0, cleaned.stderr);
    assert.equal(cleaned.stdout, 'shop-1 is clean; sizing-001 is given up; the next run pushes the record of sizing-001\n');
    assert.deepEqual(JSON.parse(after.stdout), [{ slot: 'shop-1', owed: ['sizing-001'], restore: [] }]);
    assert.deepEqual(await remains(connection.cluster, 'shop-1'), []);
  });

  it('leaves the record of what was given up to the next run', async () => {
    const run = await runningTrial();
    run.child.kill('SIGTERM');
    await run.ended;

    const record = await remote.read('fieldtrial/results', 'experiments/sizing/trials/001.yaml');

    assert.match(record, /reason: Interrupted\n +message: the trial was given up when its slot was cleaned\n +infrastructure: true\n/);
  });
});
