import assert from 'node:assert/strict';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, phasesOf, RESULTS, type World } from './world.ts';

describe('two runners at once on a real cluster', function () {
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

  describe('with one experiment', () => {
    let world: World;
    let ends: FieldtrialEnd[];

    before(async () => {
      const experiment = experimentOf('contested', { values: ['1', '2'] });
      world = await openWorld([experiment], ['contested-1', 'contested-2'], surroundings());
      ends = await Promise.all([world.start('--if-held', 'skip').ended, world.start('--if-held', 'fail').ended]);
    });

    after(() => world?.close());

    it('try every value once, and lose no commit', async () => {
      const results = await world.remote.log(RESULTS);

      assert.deepEqual(phasesOf(await world.records()), ['contested-001 Completed', 'contested-002 Completed']);
      assert.deepEqual(
        results.filter((subject) => subject.startsWith('contested-')).map((subject) => subject.slice(0, 13)),
        ['contested-002', 'contested-001'],
      );
      assert.deepEqual([...(await world.jobs())].map(([name, pods]) => `${name} ${pods.length}`).toSorted(), [
        'contested-001 1',
        'contested-002 1',
      ]);
    });

    it('let one of them pass, which says who holds it and ends as --if-held says', () => {
      const [skip, fail] = ends as [FieldtrialEnd, FieldtrialEnd];
      const [winner, loser] = trialsOf(skip).length > 0 ? [skip, fail] : [fail, skip];
      const { run } = winner.events.find((event) => event.type === 'run-started')!;

      assert.deepEqual([trialsOf(winner).length, trialsOf(loser).length], [2, 0]);
      assert.deepEqual(
        loser.events.flatMap((event) => (event.type === 'experiment-skipped' ? [[event.reason, event.message]] : [])),
        [['HeldElsewhere', `run ${run} holds it`]],
      );
      assert.deepEqual([winner.exitCode, loser.exitCode], [0, loser === fail ? 6 : 0]);
    });

    it('leave the slots clean', () => world.assertClean());
  });

  describe('with an experiment each and the same slots', () => {
    let world: World;
    let ends: FieldtrialEnd[];

    before(async () => {
      const experiments = [experimentOf('left', { values: ['1', '2'] }), experimentOf('right', { values: ['1', '2'] })];
      world = await openWorld(experiments, ['shared-1', 'shared-2'], surroundings());
      ends = await Promise.all([world.start('--experiment', 'left').ended, world.start('--experiment', 'right').ended]);
    });

    after(() => world?.close());

    it('take a slot each and try everything', async () => {
      assert.deepEqual(
        ends.map(({ exitCode }) => exitCode),
        [0, 0],
      );
      assert.deepEqual(phasesOf(await world.records()), [
        'left-001 Completed',
        'left-002 Completed',
        'right-001 Completed',
        'right-002 Completed',
      ]);
      assert.equal(
        new Set(ends.flatMap(({ events }) => events.flatMap((event) => (event.type === 'trial-started' ? [event.slot] : [])))).size,
        2,
      );
    });

    it('leave the slots clean', () => world.assertClean());
  });

  describe('of which one finds a trial of the other', () => {
    let world: World;
    let ends: FieldtrialEnd[];

    before(async () => {
      const experiments = [experimentOf('left', { values: ['12', '1'], spec: { replicas: 2 } }), experimentOf('right')];
      world = await openWorld(experiments, ['found-1', 'found-2'], surroundings());
      const killed = world.start('--experiment', 'left', '--max-trials', '1');
      await killed.event((event) => event.type === 'waiting' && event.stage === 'run' && /is Running/.test(event.message));
      killed.child.kill('SIGKILL');
      await killed.ended;
      // The first takes the slot with the trial of the dead one; the second plans the experiment it belongs to.
      const finder = world.start('--experiment', 'right');
      await finder.event((event) => event.type === 'trial-started' && event.recovered);
      ends = await Promise.all([finder.ended, world.start('--experiment', 'left').ended]);
    });

    after(() => world?.close());

    it('finish it once, and neither waits for the other', async () => {
      assert.deepEqual(
        ends.map(({ exitCode }) => exitCode),
        [0, 0],
      );
      assert.deepEqual(ends.map(trialsOf), [['left-001', 'right-001'], ['left-002']]);
      assert.deepEqual(phasesOf(await world.records()), ['left-001 Completed', 'left-002 Completed', 'right-001 Completed']);
      assert.equal((await world.jobs()).get('left-001')?.length, 1);
    });

    it('leave the slots clean', () => world.assertClean());
  });

  function surroundings() {
    return { kubeconfig: cluster.kubeconfig, cluster: connection.cluster };
  }
});

function trialsOf({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'trial-finished' ? [event.trial] : []));
}
