import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { FieldtrialEnd, TimedEvent } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, phasesOf, type World } from './world.ts';

describe('a runner that is told to end', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;

  before(async () => {
    cluster = await testCluster('node');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
  });

  after(async () => {
    await connection?.close();
    await cluster?.stop();
  });

  describe('by SIGTERM while its third trial runs', () => {
    let world: World;
    let told: FieldtrialEnd;
    let recordsThen: TrialRecord[];
    let holderThen: string;
    let journalThen: Journal;
    let podThen: KubeObject;
    let next: FieldtrialEnd;

    before(async () => {
      world = await openWorld([experimentOf('told', { values: ['0', '1', '6', '2'] })], ['told'], surroundings());
      // The second record is not pushed when the signal comes: its time is far away.
      const run = world.start('--push-interval', '10m');
      await run.event(isRunning('told-003'));
      run.child.kill('SIGTERM');
      told = await run.ended;
      recordsThen = await world.records();
      holderThen = (await world.lease()).spec.holderIdentity;
      journalThen = await world.journal();
      [podThen] = (await world.pods('told-003')) as [KubeObject];
      next = await world.start().ended;
    });

    after(() => world?.close());

    it('ends with 143 and begins no other trial', () => {
      assert.equal(told.exitCode, 143, told.stderr);
      assert.deepEqual(startedIn(told), ['told-001', 'told-002', 'told-003']);
    });

    it('pushes what was finished', () => {
      assert.deepEqual(phasesOf(recordsThen), ['told-001 Completed', 'told-002 Completed']);
    });

    it('leaves the running trial, journaled, in a slot that is free', () => {
      assert.equal(holderThen, '');
      assert.equal(journalThen.active?.stage, 'run');
      assert.equal(podThen.status.containerStatuses[0].ready || podThen.status.phase === 'Succeeded', true);
    });

    it('is followed by a run that adopts it and tries the rest', async () => {
      const records = await world.records();
      const { state } = podThen.status.containerStatuses[0];

      assert.equal(next.exitCode, 0, next.stderr);
      assert.deepEqual(startedIn(next), ['told-003', 'told-004']);
      assert.deepEqual(phasesOf(records), ['told-001 Completed', 'told-002 Completed', 'told-003 Completed', 'told-004 Completed']);
      assert.deepEqual(
        [...(await world.jobs())].map(([name, pods]) => `${name} ${pods.length}`),
        ['told-001 1', 'told-002 1', 'told-003 1', 'told-004 1'],
      );
      assert.equal(Date.parse(records[2]!.status.startTime!), Date.parse((state.running ?? state.terminated).startedAt));
    });

    it('leaves the slot clean', () => world.assertClean());
  });

  it('by SIGINT ends with 130', async () => {
    const world = await openWorld([experimentOf('interrupted', { values: ['30'] })], ['interrupted'], surroundings());
    try {
      const run = world.start();
      await run.event(isRunning('interrupted-001'));

      run.child.kill('SIGINT');
      const end = await run.ended;

      assert.equal(end.exitCode, 130);
      assert.match(end.stderr, /ended by SIGINT; what runs stays as it is for the next run/);
      assert.equal((await world.lease()).spec.holderIdentity, '');
    } finally {
      await world.close();
    }
  });

  it('by SIGTERM while it waits for a Lease gives back those that it has', async () => {
    const world = await openWorld([experimentOf('waiting', { spec: { replicas: 2 } })], ['waiting-1', 'waiting-2'], surroundings());
    try {
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'fieldtrial-slot', namespace: 'waiting-2' },
        spec: { holderIdentity: 'nobody-alive', leaseDurationSeconds: 3600 },
      };
      await connection.cluster.create(lease, AbortSignal.timeout(30_000));
      const run = world.start();
      while ((await world.lease('waiting-1').catch(() => undefined))?.spec.holderIdentity === undefined) await sleep(100);

      run.child.kill('SIGTERM');
      const end = await run.ended;

      assert.equal(end.exitCode, 143, end.stderr);
      assert.equal((await world.lease('waiting-1')).spec.holderIdentity, '');
    } finally {
      await world.close();
    }
  });

  it('twice ends at once by the second signal, without waiting for its last push', async () => {
    const world = await openWorld([experimentOf('hasty', { values: ['0', '1'] })], ['hasty'], surroundings());
    // The server takes its time over every push but the first.
    const asked = join(world.remote.path, 'asked');
    const go = join(world.remote.path, 'go');
    await world.remote.hook(
      'pre-receive',
      `test -e seen || { touch seen; exit 0; }; touch '${asked}'; while test -e '${asked}' && test ! -e '${go}'; do sleep 0.1; done`,
    );
    try {
      const run = world.start();
      await run.event(({ type }) => type === 'trial-finished');
      while (!existsSync(asked)) await sleep(50);

      run.child.kill('SIGINT');
      await run.event((event) => event.type === 'notice' && /a second signal ends at once/.test(event.message));
      run.child.kill('SIGTERM');
      const end = await run.ended;

      assert.equal(end.exitCode, 143);
      assert.equal(existsSync(go), false);
      assert.doesNotMatch(end.stdout + end.stderr, /records are not pushed/);
    } finally {
      await writeFile(go, '');
      await world.close();
    }
  });

  function surroundings() {
    return { kubeconfig: cluster.kubeconfig, cluster: connection.cluster };
  }
});

function isRunning(trial: string): (event: TimedEvent) => boolean {
  return (event) => event.type === 'waiting' && event.trial === trial && event.stage === 'run' && /is Running/.test(event.message);
}

function startedIn({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'trial-started' ? [event.trial] : []));
}
