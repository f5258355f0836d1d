import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { openLine, type Line } from '../../support/cut-line.ts';
import type { FieldtrialEnd, TimedEvent } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, phasesOf, type World } from './world.ts';

describe('an outage on a real cluster', function () {
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

  describe('of the API server for half a minute', () => {
    let world: World;
    let line: Line;
    let end: FieldtrialEnd;

    before(async () => {
      world = await openWorld([experimentOf('patient', { values: ['8'] })], ['patient'], surroundings());
      line = await openLine(cluster.kubeconfig, join(world.remote.scratch, 'kubeconfig'));
      const run = world.start('--kubeconfig', line.kubeconfig, '--lease-duration', '60s');
      await run.event(isRunning('patient-001'));
      await line.cut('refused');
      await sleep(30_000);
      await line.mend();
      end = await run.ended;
    });

    after(async () => {
      await line?.close();
      await world?.close();
    });

    it('fails no trial', async () => {
      assert.equal(end.exitCode, 0, end.stdout + end.stderr);
      assert.deepEqual(phasesOf(await world.records()), ['patient-001 Completed']);
      await world.assertClean();
    });
  });

  describe('of the network between a runner and the cluster, longer than its Leases last', () => {
    let world: World;
    let line: Line;
    let cut: FieldtrialEnd;
    let other: FieldtrialEnd;

    before(async () => {
      world = await openWorld([experimentOf('parted', { values: ['15', '1'] })], ['parted'], surroundings());
      line = await openLine(cluster.kubeconfig, join(world.remote.scratch, 'kubeconfig'));
      const run = world.start('--kubeconfig', line.kubeconfig);
      await run.event(isRunning('parted-001'));
      await line.cut('silent');
      const next = world.start();
      await next.event((event) => event.type === 'trial-started' && event.recovered);
      await line.mend();
      cut = await run.ended;
      other = await next.ended;
    });

    after(async () => {
      await line?.close();
      await world?.close();
    });

    it('has the other runner take over, and the first one stop without calling it a bug', () => {
      assert.equal(cut.exitCode, 8, cut.stderr);
      assert.ok(
        noticesOf(cut).some((message) =>
          message.startsWith('the slot is given up: Lease parted/fieldtrial-slot could not be renewed for 8s'),
        ),
        cut.stdout,
      );
      assert.deepEqual(finishedIn(cut), []);
      assert.deepEqual(finishedIn(other), ['parted-001', 'parted-002']);
    });

    it('doubles nothing', async () => {
      assert.deepEqual(phasesOf(await world.records()), ['parted-001 Completed', 'parted-002 Completed']);
      assert.deepEqual(
        [...(await world.jobs())].map(([name, pods]) => `${name} ${pods.length}`),
        ['parted-001 1', 'parted-002 1'],
      );
      await world.assertClean();
    });
  });

  describe('of nothing, but somebody takes the Lease', () => {
    let world: World;
    let robbed: FieldtrialEnd;
    let podThen: KubeObject;
    let next: FieldtrialEnd;

    before(async () => {
      world = await openWorld([experimentOf('robbed', { values: ['15'] })], ['robbed'], surroundings());
      const run = world.start();
      await run.event(isRunning('robbed-001'));
      await setHolder('somebody');
      robbed = await run.ended;
      [podThen] = (await world.pods('robbed-001')) as [KubeObject];
      await setHolder('');
      next = await world.start().ended;
    });

    after(() => world?.close());

    it('ends what changes the cluster, not the Job, and is no bug', () => {
      assert.equal(robbed.exitCode, 0, robbed.stderr);
      assert.deepEqual(noticesOf(robbed), ['the slot is given up: Lease robbed/fieldtrial-slot was taken over by somebody']);
      assert.deepEqual(finishedIn(robbed), []);
      assert.ok(['Running', 'Succeeded'].includes(podThen.status.phase));
    });

    it('is followed by a run that adopts the Job', async () => {
      assert.equal(next.exitCode, 0, next.stderr);
      assert.deepEqual(phasesOf(await world.records()), ['robbed-001 Completed']);
      assert.equal((await world.jobs()).get('robbed-001')?.length, 1);
      await world.assertClean();
    });

    async function setHolder(holderIdentity: string): Promise<void> {
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'fieldtrial-slot', namespace: 'robbed' };
      await connection.cluster.patch(lease, 'merge', { spec: { holderIdentity } }, {}, AbortSignal.timeout(30_000));
    }
  });

  function surroundings() {
    return { kubeconfig: cluster.kubeconfig, cluster: connection.cluster };
  }
});

function isRunning(trial: string): (event: TimedEvent) => boolean {
  return (event) => event.type === 'waiting' && event.trial === trial && event.stage === 'run' && /is Running/.test(event.message);
}

function finishedIn({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'trial-finished' ? [event.trial] : []));
}

function noticesOf({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
}
