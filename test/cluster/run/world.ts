import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, KubeObject } from '../../../runner/cluster/port.ts';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { LABELS } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { parseJournal } from '../../../runner/slots/journal-text.ts';
import { JOURNAL_ANNOTATION, SLOT_LEASE } from '../../../runner/slots/slot-lease.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { startFieldtrial, type StartedFieldtrial } from '../../support/run-fieldtrial.ts';
import { createSlot, deleteSlot, remains } from '../../support/slots.ts';

export const RESULTS = 'fieldtrial/results';
const IMAGE = 'local/fieldtrial:test';

/** A repository with its slots on a real cluster, and what is to be found in both. */
export type World = {
  remote: Remote;
  /** `fieldtrial run`, with Leases that are soon taken over. */
  start(...flags: string[]): StartedFieldtrial;
  /** All that stand on the results branch, by experiment and number. */
  records(): Promise<TrialRecord[]>;
  lease(slot?: string): Promise<KubeObject>;
  journal(slot?: string): Promise<Journal>;
  /** The pods of a trial's Job. */
  pods(trial: string): Promise<KubeObject[]>;
  /** Every Job that ever got a pod in the slots, by name: one entry per pod, the uid of its Job. */
  jobs(): Promise<Map<string, string[]>>;
  /** Nobody holds the slots, nothing is unfinished, and no trial has left anything. */
  assertClean(): Promise<void>;
  close(): Promise<void>;
};

type Surroundings = { kubeconfig: string; cluster: Cluster };

/** The first slot is where nothing else is said; `objects` are put into each. */
export async function openWorld(
  experiments: readonly JsonObject[],
  slots: readonly [string, ...string[]],
  { kubeconfig, cluster }: Surroundings,
  objects: readonly JsonObject[] = [],
): Promise<World> {
  const files = experiments.map((experiment) => {
    const { name } = experiment['metadata'] as { name: string };
    return [`experiments/${name}/experiment.yaml`, JSON.stringify(experiment, undefined, 2)];
  });
  const remote = await createRemote(Object.fromEntries(files));
  await Promise.all(slots.map((slot) => createSlot(cluster, slot)));
  for (const slot of slots) {
    for (const object of objects as KubeObject[])
      await cluster.create({ ...object, metadata: { ...object.metadata, namespace: slot } }, limit());
  }

  const lease = async (slot: string = slots[0]) => {
    const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: SLOT_LEASE, namespace: slot };
    return (await cluster.read(ref, limit())) ?? assert.fail(`slot ${slot} has no Lease`);
  };
  const journal = async (slot?: string) => parseJournal((await lease(slot)).metadata.annotations?.[JOURNAL_ANNOTATION]);

  return {
    remote,
    lease,
    journal,
    start: (...flags) =>
      startFieldtrial([
        'run',
        remote.url,
        '--kubeconfig',
        kubeconfig,
        '-n',
        'default',
        '--slots',
        slots.join(),
        '--image',
        IMAGE,
        '--lease-duration',
        '8s',
        '-o',
        'json',
        ...flags,
      ]),

    async records() {
      const branches = await remote.git('branch', '--list', RESULTS);
      const paths = branches === '' ? [] : (await remote.list(RESULTS)).filter((path) => path.includes('/trials/'));
      return Promise.all(paths.toSorted().map(async (path) => parseRecord(await remote.read(RESULTS, path), path)));
    },

    async pods(trial) {
      const labelSelector = `${LABELS.trial}=${trial},${LABELS.role}=trialRun`;
      const lists = await Promise.all(
        slots.map((namespace) => cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, limit())),
      );
      return lists.flatMap(({ items }) => items);
    },

    async jobs() {
      // Events outlive their Jobs by an hour.
      const fieldSelector = 'reason=SuccessfulCreate,involvedObject.kind=Job';
      const lists = await Promise.all(
        slots.map((namespace) => cluster.list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector }, limit())),
      );
      const created = lists.flatMap(({ items }) =>
        items.flatMap(({ involvedObject, count }) => Array<{ name: string; uid: string }>(count ?? 1).fill(involvedObject)),
      );
      return new Map([...Map.groupBy(created, ({ name }) => name)].map(([name, pods]) => [name, pods.map(({ uid }) => uid)]));
    },

    async assertClean() {
      for (const slot of slots) {
        const { metadata, spec } = await lease(slot).catch((): Partial<KubeObject> => ({}));
        assert.deepEqual(
          { slot, holder: spec?.holderIdentity ?? '', annotations: metadata?.annotations ?? {} },
          { slot, holder: '', annotations: {} },
        );
        // The garbage collector gets to the ended pods of a deleted Job a moment later.
        const late = Date.now() + 30_000;
        let left = await remains(cluster, slot);
        while (left.length > 0 && Date.now() < late) {
          await sleep(200);
          left = await remains(cluster, slot);
        }
        assert.deepEqual(left, []);
      }
    },

    async close() {
      await remote.cleanup();
      await Promise.all(slots.map((slot) => deleteSlot(cluster, slot)));
    },
  };
}

export function limit(): AbortSignal {
  return AbortSignal.timeout(30_000);
}

/** Name and phase of each, such as `sizing-001 Completed`. */
export function phasesOf(records: readonly TrialRecord[]): string[] {
  return records.map(({ metadata, status }) => `${metadata.name} ${status.phase}`);
}

/** An experiment that tries `values` one after the other, each in a Job that runs for as many seconds. */
export function experimentOf(
  name: string,
  { values = ['1'], spec = {}, template = {} }: { values?: string[]; spec?: JsonObject; template?: JsonObject } = {},
): JsonObject {
  const load = { name: 'load', image: 'busybox:latest', imagePullPolicy: 'IfNotPresent', command: ['sleep', '{{values.value}}'] };
  return {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      suggest: { source: 'grid' },
      parameters: [{ name: 'value', values }],
      metrics: [{ name: 'duration', minimize: true, query: '{{window.duration}}' }],
      trialTemplate: {
        spec: { ...template, jobTemplate: { spec: { template: { spec: { terminationGracePeriodSeconds: 1, containers: [load] } } } } },
      },
      ...spec,
    },
  };
}
