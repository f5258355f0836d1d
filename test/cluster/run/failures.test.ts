import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { recordPath } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createSlot, deleteSlot, remains } from '../../support/slots.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { definitionOf, failingExperiments, trialJob, withSetup, type FailingExperiment } from './failing-experiments.ts';

const RESULTS = 'fieldtrial/results';
const IMAGE = 'local/fieldtrial:test';

/** Failures are known long before the stages' default deadlines of 5 minutes and more. Milliseconds. */
const KNOWN_WITHIN = 90_000;

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
    const SHARED = ['fails-1', 'fails-2', 'fails-3', 'fails-4', 'fails-5', 'fails-6'];
    const cases = failingExperiments({ runnerImage: IMAGE, prometheus: 'http://127.0.0.1:PORT' }).map((each, index) => ({
      ...each,
      slot: each.alone === true ? each.name : SHARED[index % SHARED.length]!,
    }));
    const slots = [...new Set(cases.map(({ slot }) => slot))];
    let prometheus: Server;
    let remote: Remote;
    let end: FieldtrialEnd;
    let commits: string[];

    before(async () => {
      prometheus = await startPrometheus();
      const { port } = prometheus.address() as AddressInfo;
      const texts = cases.map((each) => [each, definitionText(each, each.slot).replaceAll('PORT', String(port))] as const);
      remote = await createRemote(
        Object.assign({}, ...texts.map(([{ name, files }, text]) => ({ ...files, [definitionPath(name)]: text }))),
      );
      await Promise.all(slots.map((slot) => createSlot(connection.cluster, slot)));
      await Promise.all(cases.map(({ slot, objects }) => createObjects(slot, objects)));
      end = await run(remote, slots, '--unschedulable-grace', '3s');
      commits = await remote.log(RESULTS);
    });

    after(async () => {
      prometheus?.close();
      await remote?.cleanup();
      await Promise.all(slots.map((slot) => deleteSlot(connection.cluster, slot)));
    });

    for (const { name, slot, because, values, failing = 1, failure, evidence = {}, measured = {}, leaves = [] } of cases) {
      it(because, async () => {
        const records = await Promise.all(values.map((_, index) => readRecord(remote, name, index + 1)));
        const { status } = records[failing - 1]!;
        const { stage, reason, message, infrastructure, evidence: kept } = status.failure ?? assert.fail('the trial did not fail');

        assert.deepEqual({ stage, reason, infrastructure }, { stage: failure.stage, reason: failure.reason, infrastructure: false });
        assert.match(message, failure.message);
        assertContains(kept ?? {}, evidence);
        assert.deepEqual(Object.fromEntries(status.values.map(({ name: metric, value }) => [metric, value])), measured);
        assert.ok(durationOf(status) < KNOWN_WITHIN, `it took ${durationOf(status)} ms`);
        assert.ok(commits.some((subject) => subject.startsWith(`${name}-00${failing}: failed at ${stage}: ${reason}`)));
        // The trials before and after it are none the worse for it.
        assert.deepEqual(
          records.map(({ status: { phase } }) => phase),
          values.map((_, index) => (index === failing - 1 ? 'Failed' : 'Completed')),
        );
        await assertUsable(slot);
        assert.deepEqual(await leftBy(name, slot, leaves), leaves);
      });
    }

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
      await createObjects(name, [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gate' }, data: { open: 'no' } }]);
      first = await run(remote, [name]);
      leaseAfterFirst = await readLease(name);
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
      await assertUsable(name);
      assert.deepEqual(await leftBy(name, name), []);
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

  async function createObjects(slot: string, objects: readonly JsonObject[] = []): Promise<void> {
    for (const object of objects as KubeObject[]) {
      await connection.cluster.create({ ...object, metadata: { ...object.metadata, namespace: slot } }, AbortSignal.timeout(30_000));
    }
  }

  function run(remote: Remote, slots: readonly string[], ...options: string[]): Promise<FieldtrialEnd> {
    const flags = ['--kubeconfig', cluster.kubeconfig, '-n', 'default', '--slots', slots.join(), '--image', IMAGE, '-o', 'json'];
    return runFieldtrial(['run', remote.url, ...flags, ...options]);
  }

  async function readLease(slot: string): Promise<KubeObject> {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'fieldtrial-slot', namespace: slot };
    return (await connection.cluster.read(lease, AbortSignal.timeout(30_000))) ?? assert.fail(`slot ${slot} has no Lease`);
  }

  /** Nobody holds the slot, its journal is empty, and it is not quarantined. */
  async function assertUsable(slot: string): Promise<void> {
    const { metadata, spec } = await readLease(slot);
    assert.deepEqual(
      {
        holder: spec.holderIdentity,
        annotations: metadata.annotations ?? {},
        quarantined: metadata.labels?.['fieldtrial.dev/quarantined'],
      },
      { holder: '', annotations: {}, quarantined: undefined },
    );
  }

  /** What there is of an experiment's trials, and of what stays; the garbage collector gets to the ended pods of a deleted Job a moment later. */
  async function leftBy(experiment: string, slot: string, stays: readonly string[] = []): Promise<string[]> {
    const late = Date.now() + 30_000;
    for (;;) {
      const left = (await remains(connection.cluster, slot)).filter((each) => each.includes(` ${experiment}-0`) || stays.includes(each));
      if (left.length <= stays.length || Date.now() > late) return left;
      await sleep(200);
    }
  }
});

function definitionPath(name: string): string {
  return `experiments/${name}/experiment.yaml`;
}

function definitionText(experiment: Pick<FailingExperiment, 'name' | 'values' | 'spec'>, slot: string): string {
  return JSON.stringify(definitionOf(experiment, slot), undefined, 2);
}

/** A setup task that can be deleted only while the slot's ConfigMap `gate` says so. */
function stuckSetup(): JsonObject {
  const script = 'test $MODE = create && exit 0; test "$(cat /gate/open)" = yes && exit 0; echo 3 connections are open; exit 4';
  return withSetup(
    { image: IMAGE, command: ['sh', '-c', script], volumeMounts: [{ name: 'gate', mountPath: '/gate' }] },
    { setupVolumes: [{ name: 'gate', configMap: { name: 'gate' } }] },
  );
}

/** A server that answers queries as Prometheus does: 1 for `sum(up)`, no data for anything else. */
async function startPrometheus(): Promise<Server> {
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://prometheus');
    const result = asked.searchParams.get('query') === 'sum(up)' ? [{ metric: {}, value: [Date.now() / 1000, '1'] }] : [];
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function readRecord(remote: Remote, experiment: string, number: number): Promise<TrialRecord> {
  const path = recordPath(experiment, number);
  return parseRecord(await remote.read(RESULTS, path), path);
}

function durationOf({ stages }: TrialRecord['status']): number {
  return Date.parse(stages.at(-1)!.finishedAt) - Date.parse(stages[0]!.startedAt);
}

function trialsOf({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'trial-finished' ? [event.trial] : []));
}

function stopsOf({ events }: FieldtrialEnd): string[] {
  return events.flatMap((event) => (event.type === 'experiment-finished' ? [event.reason] : []));
}

/** Every field of `expected` is in `actual`; an expression stands for a text that matches it. */
function assertContains(actual: unknown, expected: unknown): void {
  if (expected instanceof RegExp) assert.match(String(actual), expected);
  else if (Array.isArray(expected)) {
    assert.equal((actual as unknown[] | undefined)?.length, expected.length);
    expected.forEach((each, index) => assertContains((actual as unknown[])[index], each));
  } else if (typeof expected === 'object' && expected !== null) {
    for (const [key, value] of Object.entries(expected)) assertContains((actual as JsonObject | undefined)?.[key], value);
  } else assert.equal(actual, expected);
}
