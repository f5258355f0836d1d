import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import { recordPath } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { ExperimentStatus } from '../../../runner/results/experiment-status.ts';
import { JOURNAL_ANNOTATION } from '../../../runner/slots/slot-lease.ts';
import { createExampleSlot, exampleRepository } from '../../../scripts/example/example-repository.ts';
import { clusterNames } from '../../support/cluster-names.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createNamespace, deleteSlot } from '../../support/slots.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';

const RESULTS = 'fieldtrial/results';
const SLOTS = ['httpd-1', 'httpd-2'];
const CACHE_SLOT = 'cache-1';
const COMPRESSION_SLOTS = ['compression-1', 'compression-2'];
/** Where the experiments' Leases are. */
const HOME = 'fieldtrial-home';

/** What experiments/httpd-sizing/slot says before any trial. */
const FIRST_CPU = 200;
const FIRST_MEMORY = 64;

describe("this project's own experiments on a real cluster", function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let remote: Remote;
  let image: string;

  before(async () => {
    cluster = await testCluster('node');
    image = await cluster.runnerImage();
    // The runner's image has Node in it.
    const files = await exampleRepository({ prometheusImage: await cluster.prometheusImage(), nodeImage: image });
    remote = await createRemote(files);
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    await createNamespace(connection.cluster, HOME);
    for (const [experiment, slots] of Object.entries({
      'httpd-sizing': SLOTS,
      'cache-sizing': [CACHE_SLOT],
      compression: COMPRESSION_SLOTS,
    })) {
      for (const slot of slots) await createExampleSlot(connection.cluster, slot, { experiment, files });
    }
  });

  after(async () => {
    await Promise.all([HOME, CACHE_SLOT, ...COMPRESSION_SLOTS, ...SLOTS].map((namespace) => deleteSlot(connection.cluster, namespace)));
    await connection?.close();
    await remote?.cleanup();
    await cluster?.stop();
  });

  describe('httpd-sizing', () => {
    let end: FieldtrialEnd;
    let records: TrialRecord[];
    let bySlot: Map<string, TrialRecord[]>;

    before(async () => {
      end = await run('httpd-sizing');
      assert.equal(end.exitCode, 0, end.stdout + end.stderr);
      records = await readRecords('httpd-sizing');
      bySlot = new Map(SLOTS.map((slot) => [slot, records.filter(({ spec }) => spec.slot === slot)]));
    });

    it('is eight trials, each a commit of its own', async () => {
      const format = '--format=%x01%(trailers:key=Fieldtrial-Trial,valueonly)';
      const log = await remote.git('log', '--diff-filter=A', '--name-only', format, RESULTS, '--', 'experiments');

      const commits = log
        .split('\u0001')
        .slice(1)
        .map((text) => text.trim().split(/\n+/).join(' adds '));
      assert.deepEqual(
        commits.toSorted(),
        Array.from({ length: 8 }, (_, index) => `httpd-sizing-00${index + 1} adds ${recordPath('httpd-sizing', index + 1)}`),
      );
    });

    it('completes every trial, the baseline first', () => {
      assert.deepEqual(
        records.map(({ status: { phase, failure } }) => failure?.message ?? phase),
        Array.from({ length: 8 }, () => 'Completed'),
      );
      assert.deepEqual(
        records.map(({ spec }) => spec.source.type),
        ['baseline', ...Array.from({ length: 7 }, () => 'random')],
      );
    });

    it('measures what the pods of that trial requested, and none of the trial before', () => {
      assert.deepEqual(
        records.map((record) => valueOf(record, 'cost').value.toFixed(6)),
        records.map((record) => costOf(record).toFixed(6)),
      );
    });

    it('measures what the load printed', () => {
      for (const record of records) {
        const { value, raw } = valueOf(record, 'p95');
        assert.ok(value > 0 && Number.isInteger(value), `${record.metadata.name}: ${value}`);
        assert.match(raw, new RegExp(`"p95": ?${value}\\b`));
      }
    });

    it('measures what Prometheus scraped, over the window of the trial', () => {
      for (const record of records) {
        const { value, query, raw, time } = valueOf(record, 'hits');
        const { startTime = '', completionTime = '' } = record.status;
        const seconds = Math.round((Date.parse(completionTime) - Date.parse(startTime)) / 1000);
        assert.ok(value > 0 && value <= 100, `${record.metadata.name}: ${value}`);
        assert.equal(Number(JSON.parse(raw).data.result[0].value[1]), value);
        assert.match(query, new RegExp(`web_hits_total\\{job="web"\\}\\[${seconds}s\\]`));
        assert.ok(time >= completionTime, `${time} is not before ${completionTime}`);
      }
    });

    it('tells of each patch whether it changed anything', () => {
      for (const trials of bySlot.values()) {
        trials.forEach((record, index) => {
          const before = trials[index - 1];
          const cpu = effect(cpuOf(record) !== (before ? cpuOf(before) : FIRST_CPU));
          const memory = effect(memoryOf(record) !== (before ? memoryOf(before) : FIRST_MEMORY));
          assert.deepEqual(
            record.status.patches.map(({ target, type, effect: seen }) => `${target} ${type} ${seen}`),
            [
              `ConfigMap store merge ${memory}`,
              `Deployment web strategic ${cpu}`,
              `StatefulSet store json ${memory}`,
              `DaemonSet agent strategic ${cpu}`,
            ],
            record.metadata.name,
          );
        });
      }
    });

    it('rolls the workloads out', async () => {
      for (const [slot, trials] of bySlot) {
        const revisions = await list('apps/v1', 'ReplicaSet', slot);
        const tried = new Set([FIRST_CPU, ...trials.map(cpuOf)]);
        assert.deepEqual(
          revisions.map(({ spec }) => String(spec.template.spec.containers[0].resources.limits.cpu)).toSorted(),
          [...tried].map((cpu) => `${cpu}m`).toSorted(),
        );

        const [store] = await list('v1', 'Pod', slot, 'app.kubernetes.io/name=store');
        const last = trials.at(-1)!;
        assert.equal(store?.spec.containers[0].resources.limits.memory, `${memoryOf(last)}Mi`);
      }
    });

    it('serves two slots at once', () => {
      const [first = [], second = []] = SLOTS.map((slot) => bySlot.get(slot)!.map(span));

      assert.ok(first.length + second.length === 8 && first.length > 1 && second.length > 1, `${first.length} and ${second.length} trials`);
      assert.ok(first.some((one) => second.some((other) => one.from < other.to && other.from < one.to)));
    });

    it('leaves the slots as they were', async () => {
      for (const slot of SLOTS) {
        await eventuallyHolds(slot, [
          'ConfigMap kube-root-ca.crt',
          'ConfigMap store',
          'ConfigMap web',
          'DaemonSet agent',
          'Deployment web',
          'Pod agent',
          'Pod store',
          'Pod web',
          'Service store',
          'Service web',
          'StatefulSet store',
        ]);
      }
    });

    it('gives every Lease back, with nothing in its journal', async () => {
      const leases = (await Promise.all([...SLOTS, HOME].map((namespace) => list('coordination.k8s.io/v1', 'Lease', namespace)))).flat();

      assert.deepEqual(leases.map(({ metadata }) => metadata.name).toSorted(), [
        'fieldtrial-slot',
        'fieldtrial-slot',
        'fieldtrial.httpd-sizing',
      ]);
      for (const { metadata, spec } of leases) {
        assert.ok(!spec.holderIdentity, `${metadata.name} is held by ${spec.holderIdentity}`);
        assert.equal(metadata.annotations?.[JOURNAL_ANNOTATION], undefined);
      }
    });

    it('has nothing to do the next time, and commits nothing', async () => {
      const tip = await remote.git('rev-parse', RESULTS);

      const again = await run('httpd-sizing');

      assert.equal(again.exitCode, 0, again.stderr);
      assert.deepEqual(
        again.events.filter(({ type }) => type === 'trial-started'),
        [],
      );
      assert.equal(await remote.git('rev-parse', RESULTS), tip);
    });

    it('is completed, says the status', async () => {
      const { exitCode, stdout, stderr } = await runFieldtrial(['status', 'httpd-sizing', '--repository', remote.url, '-o', 'json']);

      assert.equal(exitCode, 0, stderr);
      const { phase, reason, trials, budget, best } = JSON.parse(stdout) as ExperimentStatus;
      assert.deepEqual(
        { phase, reason, trials, budget },
        {
          phase: 'Completed',
          reason: 'BudgetSpent',
          trials: { completed: 8, failed: 0, infrastructure: 0, running: 0, older: 0 },
          budget: { total: 8, left: 0 },
        },
      );
      assert.deepEqual(best.map(({ metric }) => metric).toSorted(), ['cost', 'p95']);
    });
  });

  describe('cache-sizing', () => {
    let end: FieldtrialEnd;

    before(async () => {
      end = await run('cache-sizing');
    });

    it('sets up a cache of its own size for each trial', async () => {
      assert.equal(end.exitCode, 0, end.stdout + end.stderr);
      const records = await readRecords('cache-sizing');
      assert.deepEqual(
        records.map(({ spec, status }) => ({ slot: spec.slot, phase: status.phase, setup: status.setupDeletion })),
        Array.from({ length: 2 }, () => ({ slot: CACHE_SLOT, phase: 'Completed', setup: undefined })),
      );
      assert.deepEqual(
        records.map((record) => valueOf(record, 'memory').value),
        [16 * 2 ** 20, 48 * 2 ** 20],
      );
      assert.ok(records.every((record) => valueOf(record, 'fetched').value > 0));
    });

    it('leaves the slot empty', async () => {
      await eventuallyHolds(CACHE_SLOT, ['ConfigMap kube-root-ca.crt']);
    });
  });

  describe('compression', () => {
    let end: FieldtrialEnd;
    let records: TrialRecord[];

    before(async () => {
      end = await run('compression');
      assert.equal(end.exitCode, 0, end.stdout + end.stderr);
      records = await readRecords('compression');
    });

    it('measures what the Job says under the settings that its patches wrote', () => {
      const completed = records.filter(({ status }) => status.phase === 'Completed');

      assert.equal(completed.length, 5);
      for (const record of completed) {
        const { value, raw } = valueOf(record, 'size');
        assert.equal(JSON.parse(raw).size, value);
        assert.ok(valueOf(record, 'time').value > 0);
      }
      const sizes = completed.map((record) => valueOf(record, 'size').value);
      assert.equal(new Set(sizes).size, 5, `${sizes}`);
    });

    it('loses one trial to its own settings', () => {
      const failed = records.filter(({ status }) => status.phase === 'Failed');

      assert.deepEqual(
        failed.map(({ metadata, status: { failure } }) => [metadata.name, failure?.stage, failure?.reason]),
        [['compression-003', 'run', 'ContainerFailed']],
      );
      assert.match(failed[0]!.status.failure!.evidence!.containers![0]!.log!, /do not fit into 16 MiB of heap$/);
    });

    it('leaves the slots as they were', async () => {
      for (const slot of COMPRESSION_SLOTS) {
        await eventuallyHolds(slot, [
          'ConfigMap archiver',
          'ConfigMap kube-root-ca.crt',
          'Deployment archiver',
          'Pod archiver',
          'Pod archiver',
        ]);
      }
    });
  });

  /** `fieldtrial run`, with the cluster's names known to it as they are in a pod. */
  async function run(experiment: string): Promise<FieldtrialEnd> {
    return runFieldtrial(
      [
        'run',
        remote.url,
        `--experiment=${experiment}`,
        `--kubeconfig=${cluster.kubeconfig}`,
        `--namespace=${HOME}`,
        `--slots=${[...SLOTS, CACHE_SLOT, ...COMPRESSION_SLOTS].join(',')}`,
        `--image=${image}`,
        '--output=json',
      ],
      { env: await clusterNames(connection.cluster) },
    );
  }

  async function readRecords(experiment: string): Promise<TrialRecord[]> {
    const paths = (await remote.list(RESULTS)).filter((path) => path.startsWith(recordPath(experiment, 0).replace(/[^/]*$/, '')));
    const texts = await Promise.all(paths.map((path) => remote.read(RESULTS, path)));
    return texts.map((text, index) => parseRecord(text, paths[index]!));
  }

  async function list(apiVersion: string, kind: string, namespace: string, labelSelector?: string): Promise<KubeObject[]> {
    const { items } = await connection.cluster.list({ apiVersion, kind, namespace, ...(labelSelector && { labelSelector }) }, soon());
    return items;
  }

  /** Everything that a trial or helm could have left; pods by the name of what they belong to, as their own changes. */
  async function contents(slot: string): Promise<string[]> {
    const kinds = [
      'v1 ConfigMap',
      'v1 PersistentVolumeClaim',
      'v1 Pod',
      'v1 Secret',
      'v1 Service',
      'apps/v1 DaemonSet',
      'apps/v1 Deployment',
      'apps/v1 StatefulSet',
      'batch/v1 Job',
    ];
    const found = kinds.map(async (type) => {
      const [apiVersion = '', kind = ''] = type.split(' ');
      const objects = await list(apiVersion, kind, slot);
      return objects.map(({ metadata }) => `${kind} ${metadata.labels?.['app.kubernetes.io/name'] ?? metadata.name}`);
    });
    return (await Promise.all(found)).flat().toSorted();
  }

  /** Pods that have ended follow their Job when the garbage collector comes by. */
  async function eventuallyHolds(slot: string, expected: string[]): Promise<void> {
    for (const deadline = Date.now() + 30_000; ; await sleep(200)) {
      const actual = await contents(slot);
      if (Date.now() < deadline && actual.join() !== expected.join()) continue;
      assert.deepEqual(actual, expected, slot);
      return;
    }
  }
});

function soon(): AbortSignal {
  return AbortSignal.timeout(30_000);
}

function valueOf(record: TrialRecord, metric: string) {
  const found = record.status.values.find(({ name }) => name === metric);
  assert.ok(found, `${record.metadata.name} has no value of ${metric}`);
  return found;
}

function assigned(record: TrialRecord, parameter: string): number {
  return Number(record.spec.assignments.find(({ name }) => name === parameter)?.value);
}

function cpuOf(record: TrialRecord): number {
  return assigned(record, 'cpu');
}

function memoryOf(record: TrialRecord): number {
  return assigned(record, 'memory');
}

/** Dollars a month for web, store and one agent, as the manifests and the patches have them request it. */
function costOf(record: TrialRecord): number {
  const cpu = cpuOf(record) + 50 + Math.floor(cpuOf(record) / 10);
  const memory = (16 + memoryOf(record) + 8) * 2 ** 20;
  return cpu * 0.017 + memory * 3e-9;
}

function effect(changed: boolean): string {
  return changed ? 'changed' : 'unchanged';
}

function span({ status: { stages } }: TrialRecord): { from: string; to: string } {
  return { from: stages[0]!.startedAt, to: stages.at(-1)!.finishedAt };
}
