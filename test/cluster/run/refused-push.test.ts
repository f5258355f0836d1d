import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, RESULTS, type World } from './world.ts';

const WORDS = 'the results are frozen until Monday';

describe('a server that refuses pushes', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let world: World;

  before(async () => {
    cluster = await testCluster('node');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    world = await openWorld([experimentOf('frozen', { values: ['1', '2'] })], ['frozen'], {
      kubeconfig: cluster.kubeconfig,
      cluster: connection.cluster,
    });
    await world.remote.hook('pre-receive', `test ! -e frozen || { echo "${WORDS}" >&2; exit 1; }`);
  });

  after(async () => {
    await world?.close();
    await connection?.close();
    await cluster?.stop();
  });

  describe('from the start', () => {
    let end: FieldtrialEnd;

    before(async () => {
      await freeze();
      end = await world.start().ended;
    });

    it('ends the run before anything is touched, with exit code 4 and its words', async () => {
      assert.equal(end.exitCode, 4);
      assert.match(end.stderr, new RegExp(`^preflight failed: .*${WORDS}`, 'm'));
      assert.deepEqual([...(await world.jobs())], []);
      assert.equal(await world.remote.git('branch', '--list', RESULTS), '');
    });

    it('has the slot given back', () => world.assertClean());
  });

  describe('from the first trial on', () => {
    let refused: FieldtrialEnd;
    let journal: Journal;
    let recordsThen: TrialRecord[];
    let still: FieldtrialEnd;
    let journalThen: Journal;
    let lifted: FieldtrialEnd;

    before(async () => {
      await thaw();
      const run = world.start();
      await run.event(({ type }) => type === 'trial-started');
      await freeze();
      refused = await run.ended;
      journal = await world.journal();
      recordsThen = await world.records();
      still = await world.start().ended;
      journalThen = await world.journal();
      await thaw();
      lifted = await world.start().ended;
    });

    it('does not end the trials, but the run with exit code 7 and its words', () => {
      assert.equal(refused.exitCode, 7);
      assert.match(refused.stderr, new RegExp(`^records are not pushed .*${WORDS}`, 'm'));
      assert.deepEqual(trialsOf(refused), ['frozen-001', 'frozen-002']);
    });

    it('finds the records kept in the journal', () => {
      assert.deepEqual(recordsThen, []);
      assert.deepEqual(
        journal.owed.map(({ metadata, status }) => `${metadata.name} ${status.phase}`),
        ['frozen-001 Completed', 'frozen-002 Completed'],
      );
    });

    it('ends the next run with exit code 7 as long as it refuses, and the journal stays as it is', () => {
      assert.equal(still.exitCode, 7);
      assert.match(still.stderr, new RegExp(`frozen-001, frozen-002 of an earlier run: .*${WORDS}`));
      assert.deepEqual(journalThen, journal);
    });

    it('gets exactly these records from the next run once it does not', async () => {
      assert.equal(lifted.exitCode, 0, lifted.stderr);
      assert.deepEqual(trialsOf(lifted), []);
      assert.deepEqual(await world.records(), journal.owed);
      assert.deepEqual((await world.remote.log(RESULTS)).filter((subject) => subject.startsWith('frozen-')).length, 2);
      assert.deepEqual(
        [...(await world.jobs())].map(([name, pods]) => `${name} ${pods.length}`),
        ['frozen-001 1', 'frozen-002 1'],
      );
    });

    it('leaves the slot clean', () => world.assertClean());
  });

  function freeze(): Promise<void> {
    return writeFile(join(world.remote.path, 'frozen'), '');
  }

  function thaw(): Promise<void> {
    return rm(join(world.remote.path, 'frozen'));
  }
});

function trialsOf({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'trial-finished' ? [event.trial] : []));
}
