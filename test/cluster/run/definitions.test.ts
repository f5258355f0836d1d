import assert from 'node:assert/strict';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, phasesOf, type World } from './world.ts';

describe('a definition that changes while its trials run on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let world: World;
  let first: FieldtrialEnd;
  let second: FieldtrialEnd;
  let commit: string;

  before(async () => {
    cluster = await testCluster('node');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    const surroundings = { kubeconfig: cluster.kubeconfig, cluster: connection.cluster };
    world = await openWorld([experimentOf('changing', { values: ['8', '9'] })], ['changing'], surroundings);
    const run = world.start();
    await run.event((event) => event.type === 'trial-started');
    const text = JSON.stringify(experimentOf('changing', { values: ['1'] }));
    commit = await world.remote.commit({ 'experiments/changing/experiment.yaml': text });
    first = await run.ended;
    second = await world.start().ended;
  });

  after(async () => {
    await world?.close();
    await connection?.close();
    await cluster?.stop();
  });

  it('lets the trial that runs come to its end, and begins no other', () => {
    const finished = first.events.filter((event) => event.type === 'experiment-finished');

    assert.equal(first.exitCode, 0, first.stderr);
    assert.deepEqual(
      finished.map(({ reason, message }) => `${reason}: ${message}`),
      [`DefinitionChanged: its definition is another since commit ${commit.slice(0, 12)}; the next run goes on with it`],
    );
    assert.equal(first.events.filter((event) => event.type === 'trial-started').length, 1);
  });

  it('is what the next run goes on with, in the same generation where the trials mean the same', async () => {
    const records = await world.records();

    assert.equal(second.exitCode, 0, second.stderr);
    assert.deepEqual(phasesOf(records), ['changing-001 Completed', 'changing-002 Completed']);
    assert.deepEqual(
      records.map(({ spec }) => spec.assignments[0]?.value),
      ['8', '1'],
    );
    assert.notEqual(records[0]?.spec.definition.commit, commit);
    assert.equal(records[1]?.spec.definition.commit, commit);
    assert.equal(records[0]?.spec.definition.digest, records[1]?.spec.definition.digest);
  });
});
