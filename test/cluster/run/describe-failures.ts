import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, KubeObject } from '../../../runner/cluster/port.ts';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { recordPath } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { createSlot, deleteSlot, remains } from '../../support/slots.ts';
import { definitionOf, failingExperiments, type FailingExperiment } from './failing-experiments.ts';

export const RESULTS = 'fieldtrial/results';

/** Failures are known long before the stages' default deadlines of 5 minutes and more. Milliseconds of the cluster's time. */
const KNOWN_WITHIN = 90_000;

export type PlacedExperiment = FailingExperiment & { slot: string };

/** The experiments, dealt to so many slots; their Prometheus is found at the port that stands for PORT when they run. */
export function placedExperiments(runnerImage: string, slots: number): PlacedExperiment[] {
  return failingExperiments({ runnerImage, prometheus: 'http://127.0.0.1:PORT' }).map((each, index) => ({
    ...each,
    slot: each.alone === true ? each.name : `fails-${(index % slots) + 1}`,
  }));
}

/** A repository of the experiments, their slots with what is in them before, and a Prometheus. */
export type FailingWorld = { remote: Remote; slots: string[]; close(): Promise<void> };

export async function openFailingWorld(
  cases: readonly PlacedExperiment[],
  cluster: Pick<Cluster, 'create' | 'read' | 'remove'>,
): Promise<FailingWorld> {
  const slots = [...new Set(cases.map(({ slot }) => slot))];
  const prometheus = await startPrometheus();
  const { port } = prometheus.address() as AddressInfo;
  const texts = cases.map((each) => [each, definitionText(each, each.slot).replaceAll('PORT', String(port))] as const);
  const remote = await createRemote(
    Object.assign({}, ...texts.map(([{ name, files }, text]) => ({ ...files, [definitionPath(name)]: text }))),
  );
  await Promise.all(slots.map((slot) => createSlot(cluster, slot)));
  await Promise.all(cases.map(({ slot, objects }) => createObjects(cluster, slot, objects)));
  return {
    remote,
    slots,
    async close() {
      prometheus.close();
      await remote.cleanup();
      await Promise.all(slots.map((slot) => deleteSlot(cluster, slot)));
    },
  };
}

/** What every row of the table promises, once a run has tried its values; `ran` is asked when the tests run. */
export function describeFailures(
  cases: readonly PlacedExperiment[],
  ran: () => { cluster: Pick<Cluster, 'read' | 'list'>; remote: Remote },
): void {
  for (const { name, slot, because, values, failing = 1, failure, evidence = {}, measured = {}, leaves = [] } of cases) {
    it(because, async () => {
      const { cluster, remote } = ran();
      const records = await Promise.all(values.map((_, index) => readRecord(remote, name, index + 1)));
      const { status } = records[failing - 1]!;
      const { stage, reason, message, infrastructure, evidence: kept } = status.failure ?? assert.fail('the trial did not fail');

      assert.deepEqual({ stage, reason, infrastructure }, { stage: failure.stage, reason: failure.reason, infrastructure: false }, message);
      assert.match(message, failure.message);
      assertContains(kept ?? {}, evidence);
      assert.deepEqual(Object.fromEntries(status.values.map(({ name: metric, value }) => [metric, value])), measured);
      assert.ok(durationOf(status) < KNOWN_WITHIN, `it took ${durationOf(status)} ms`);
      const commits = await remote.log(RESULTS);
      assert.ok(commits.some((subject) => subject.startsWith(`${name}-00${failing}: failed at ${stage}: ${reason}`)));
      // The trials before and after it are none the worse for it.
      assert.deepEqual(
        records.map(({ status: { phase } }) => phase),
        values.map((_, index) => (index === failing - 1 ? 'Failed' : 'Completed')),
      );
      await assertUsable(cluster, slot);
      assert.deepEqual(await leftBy(cluster, name, slot, leaves), leaves);
    });
  }
}

export async function createObjects(cluster: Pick<Cluster, 'create'>, slot: string, objects: readonly JsonObject[] = []): Promise<void> {
  for (const object of objects as KubeObject[]) {
    await cluster.create({ ...object, metadata: { ...object.metadata, namespace: slot } }, AbortSignal.timeout(30_000));
  }
}

export async function readLease(cluster: Pick<Cluster, 'read'>, slot: string): Promise<KubeObject> {
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'fieldtrial-slot', namespace: slot };
  return (await cluster.read(lease, AbortSignal.timeout(30_000))) ?? assert.fail(`slot ${slot} has no Lease`);
}

/** Nobody holds the slot, its journal is empty, and it is not quarantined. */
export async function assertUsable(cluster: Pick<Cluster, 'read'>, slot: string): Promise<void> {
  const { metadata, spec } = await readLease(cluster, slot);
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
export async function leftBy(
  cluster: Pick<Cluster, 'list'>,
  experiment: string,
  slot: string,
  stays: readonly string[] = [],
): Promise<string[]> {
  const late = Date.now() + 30_000;
  for (;;) {
    const left = (await remains(cluster, slot)).filter((each) => each.includes(` ${experiment}-0`) || stays.includes(each));
    if (left.length <= stays.length || Date.now() > late) return left;
    await sleep(200);
  }
}

export function definitionPath(name: string): string {
  return `experiments/${name}/experiment.yaml`;
}

export function definitionText(experiment: Pick<FailingExperiment, 'name' | 'values' | 'spec'>, slot: string): string {
  return JSON.stringify(definitionOf(experiment, slot), undefined, 2);
}

export async function readRecord(remote: Remote, experiment: string, number: number): Promise<TrialRecord> {
  const path = recordPath(experiment, number);
  return parseRecord(await remote.read(RESULTS, path), path);
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

function durationOf({ stages }: TrialRecord['status']): number {
  return Date.parse(stages.at(-1)!.finishedAt) - Date.parse(stages[0]!.startedAt);
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
