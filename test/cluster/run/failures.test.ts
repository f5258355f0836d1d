import assert from 'node:assert/strict';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { recordPath } from '../../../runner/model/names.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createSlot, deleteSlot } from '../../support/slots.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import {
  assertUsable,
  createObjects,
  definitionPath,
  definitionText,
  describeFailures,
  leftBy,
  openFailingWorld,
  placedExperiments,
  readLease,
  readRecord,
  RESULTS,
  type FailingWorld,
} from './describe-failures.ts';
import { trialJob, withSetup } from './failing-experiments.ts';

const IMAGE = 'local/fieldtrial:test';

describe('failures on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;

  before(async () => {
    cluster = await testCluster('node');
    await cluster.runnerImage();
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
  });

  after(async () => {
    await connection?.close();
    await cluster?.stop();
  });

  describe('a trial fails', () => {
    const cases = placedExperiments(IMAGE, 6);
    let world: FailingWorld;
    let end: FieldtrialEnd;

    before(async () => {
      world = await openFailingWorld(cases, connection.cluster);
      end = await run(world.remote, world.slots, '--unschedulable-grace', '3s');
    });

    after(() => world?.close());

    describeFailures(cases, () => ({ cluster: connection.cluster, remote: world.remote }));

    it('which is data and no error of the run', () => {
      assert.equal(end.exitCode, 0, end.stderr);
    });
  });

  describe('a setup that cannot be deleted', () => {
    const name = 'stuck';
    let remote: Remote;
    let first: FieldtrialEnd;
    let second: FieldtrialEnd;
    let third: FieldtrialEnd;
    let leaseAfterFirst: KubeObject;

    before(async () => {
      remote = await createRemote({
        [definitionPath(name)]: definitionText({ name, values: ['1', '2'], spec: { trialTemplate: stuckSetup() } }, name),
      });
      await createSlot(connection.cluster, name);
      await createObjects(connection.cluster, name, [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gate' }, data: { open: 'no' } },
      ]);
      first = await run(remote, [name]);
      leaseAfterFirst = await readLease(connection.cluster, name);
      second = await run(remote, [name]);
      const gate = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gate', namespace: name };
      await connection.cluster.patch(gate, 'merge', { data: { open: 'yes' } }, {}, AbortSignal.timeout(30_000));
      third = await run(remote, [name]);
    });

    after(async () => {
      await remote?.cleanup();
      await deleteSlot(connection.cluster, name);
    });

    it('takes the slot out of the run, with the reason on its Lease', () => {
      const { labels, annotations } = leaseAfterFirst.metadata;

      assert.deepEqual({ exitCode: first.exitCode, trials: trialsOf(first) }, { exitCode: 0, trials: ['stuck-001'] });
      assert.equal(labels?.['fieldtrial.dev/quarantined'], 'SetupJobFailed');
      assert.equal(annotations?.['fieldtrial.dev/quarantine-message'], 'container seed exited with code 4: 3 connections are open');
      assert.deepEqual(
        first.events.flatMap((event) => (event.type === 'slot-quarantined' ? [[event.slot, event.reason]] : [])),
        [[name, 'SetupJobFailed']],
      );
    });

    it('leaves the result as it was, and each attempt is added to it in a commit of its own', async () => {
      const path = recordPath(name, 1);
      const commits = (await remote.git('log', '--reverse', '--format=%H %s', RESULTS, '--', path))
        .split('\n')
        .map((line) => line.split(/ (.*)/));
      const [reported, ...later] = await Promise.all(
        commits.map(async ([commit]) => parseRecord(await remote.git('show', `${commit}:${path}`), path)),
      );

      assert.deepEqual(
        commits.map(([, subject = '']) => /setup (deletion failed|deleted)/.exec(subject)?.[0]),
        [undefined, 'setup deletion failed', 'setup deleted'],
      );
      assert.equal(reported!.status.phase, 'Completed');
      const message = 'container seed exited with code 4: 3 connections are open';
      const attempts = [{ status: 'Failed', reason: 'SetupJobFailed', message }, { status: 'Deleted' }];
      assert.deepEqual(
        later,
        attempts.map((setupDeletion) => ({ ...reported, status: { ...reported!.status, setupDeletion } })),
      );
    });

    it('is tried again by the next run, which begins no trial there while it fails', () => {
      assert.deepEqual(trialsOf(second), []);
      assert.ok(second.events.some((event) => event.type === 'slot-quarantined' && event.reason === 'SetupJobFailed'));
    });

    it('frees the slot once it succeeds', async () => {
      assert.deepEqual({ exitCode: third.exitCode, trials: trialsOf(third) }, { exitCode: 0, trials: ['stuck-002'] });
      assert.equal((await readRecord(remote, name, 2)).status.phase, 'Completed');
      await assertUsable(connection.cluster, name);
      assert.deepEqual(await leftBy(connection.cluster, name, name), []);
    });
  });

  describe('an experiment ends with exit code 5', () => {
    const slot = 'gives-up';
    const spec = { trialTemplate: trialJob({ args: ['exit {{values.value}}'] }) };
    const withBaseline = { ...spec, parameters: [{ name: 'value', values: ['0', '1'], baseline: '1' }] };
    const withPolicy = { ...spec, failurePolicy: { maxConsecutive: 2 } };
    let remote: Remote;

    before(async () => {
      await createSlot(connection.cluster, slot);
      remote = await createRemote({
        [definitionPath('worse-today')]: definitionText({ name: 'worse-today', values: [], spec: withBaseline }, slot),
        [definitionPath('hopeless')]: definitionText({ name: 'hopeless', values: ['1', '2', '3', '0'], spec: withPolicy }, slot),
      });
    });

    after(async () => {
      await remote?.cleanup();
      await deleteSlot(connection.cluster, slot);
    });

    it('when the trial of its baseline fails', async () => {
      const end = await run(remote, [slot], '--experiment', 'worse-today');

      assert.deepEqual(
        { exitCode: end.exitCode, trials: trialsOf(end), stops: stopsOf(end) },
        { exitCode: 5, trials: ['worse-today-001'], stops: ['BaselineFailed'] },
      );
    });

    it('when more trials in a row fail than its policy allows', async () => {
      const end = await run(remote, [slot], '--experiment', 'hopeless');

      assert.deepEqual(
        { exitCode: end.exitCode, trials: trialsOf(end), stops: stopsOf(end) },
        { exitCode: 5, trials: ['hopeless-001', 'hopeless-002'], stops: ['TooManyFailures'] },
      );
    });
  });

  function run(remote: Remote, slots: readonly string[], ...options: string[]): Promise<FieldtrialEnd> {
    const flags = ['--kubeconfig', cluster.kubeconfig, '-n', 'default', '--slots', slots.join(), '--image', IMAGE, '-o', 'json'];
    return runFieldtrial(['run', remote.url, ...flags, ...options]);
  }
});

/** A setup task that can be deleted only while the slot's ConfigMap `gate` says so. */
function stuckSetup(): JsonObject {
  const script = 'test $MODE = create && exit 0; test "$(cat /gate/open)" = yes && exit 0; echo 3 connections are open; exit 4';
  return withSetup(
    { image: IMAGE, command: ['sh', '-c', script], volumeMounts: [{ name: 'gate', mountPath: '/gate' }] },
    { setupVolumes: [{ name: 'gate', configMap: { name: 'gate' } }] },
  );
}

function trialsOf({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'trial-finished' ? [event.trial] : []));
}

function stopsOf({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'experiment-finished' ? [event.reason] : []));
}
