import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { kubectl } from '../../support/kubectl.ts';
import type { FieldtrialEnd, TimedEvent } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, limit, openWorld, phasesOf, type World } from './world.ts';

/** A Job that sleeps for as long as the ConfigMap `short` says, and for two minutes where there is none. */
const LONG_UNLESS_TOLD = {
  spec: {
    jobTemplate: {
      spec: {
        template: {
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'load',
                image: 'busybox:latest',
                imagePullPolicy: 'IfNotPresent',
                command: ['sh', '-c', 'exec sleep ${FOR:-120}'],
                env: [{ name: 'FOR', valueFrom: { configMapKeyRef: { name: 'short', key: 'seconds', optional: true } } }],
              },
            ],
          },
        },
      },
    },
  },
};

/** Each lets the infrastructure fail the first try of a trial, and mends it. */
describe('a failing infrastructure on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let world: World;
  let end: FieldtrialEnd;
  let records: TrialRecord[];

  before(async () => {
    cluster = await testCluster('node');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
  });

  after(async () => {
    await connection?.close();
    await cluster?.stop();
  });

  afterEach(() => world?.close());

  /** Runs one trial that would last for long, does something to its pod, lets the next try be short, and waits for the end of the run. */
  async function runTroubled(name: string, trouble: (pod: KubeObject) => Promise<void>): Promise<void> {
    const experiment = experimentOf(name, { spec: { failurePolicy: { maxTotal: 1 }, trialTemplate: LONG_UNLESS_TOLD } });
    world = await openWorld([experiment], [name], { kubeconfig: cluster.kubeconfig, cluster: connection.cluster });
    const run = world.start();
    await run.event(isRunning(`${name}-001`));
    const [pod] = await world.pods(`${name}-001`);
    await trouble(pod!);
    const short = { name: 'short', namespace: name };
    await connection.cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: short, data: { seconds: '1' } }, limit());
    end = await run.ended;
    records = await world.records();
  }

  /** The trial is there once as what it was, an accident, and once more with the same assignments. */
  function assertRetried(name: string, reason: RegExp): void {
    assert.deepEqual(phasesOf(records), [`${name}-001 Failed`, `${name}-002 Completed`]);
    const [{ spec: first, status }, { spec: second }] = records as [TrialRecord, TrialRecord];
    assert.equal(status.failure?.infrastructure, true);
    assert.match(status.failure?.reason ?? '', reason);
    assert.deepEqual(second.assignments, first.assignments);
    assert.deepEqual(second.source, { type: 'retry', of: 1 });
    // An accident is no breach of `maxTotal: 1`.
    assert.equal(end.exitCode, 0, end.stderr);
  }

  it('has a trial tried again whose pod is evicted by the drain of its node', async () => {
    await runTroubled('drained', async (pod) => {
      const node: string = pod.spec.nodeName;
      await kubectl(cluster.kubeconfig, 'drain', node, '--force', '--ignore-daemonsets', '--pod-selector=fieldtrial.dev/trial=drained-001');
      await kubectl(cluster.kubeconfig, 'uncordon', node);
    });

    assertRetried('drained', /^(EvictionByEvictionAPI|PodLost)$/);
  });

  it('has a trial tried again whose pod somebody deletes', async () => {
    await runTroubled('deleted', async ({ apiVersion, kind, metadata: { name, namespace } }) => {
      await connection.cluster.remove({ apiVersion, kind, name, namespace: namespace! }, {}, limit());
    });

    assertRetried('deleted', /^PodLost$/);
  });

  it('has a trial tried again whose node is gone', async () => {
    await runTroubled('lost', async (pod) => {
      const ref = { apiVersion: 'v1', kind: 'Node', name: pod.spec.nodeName as string };
      const node = await connection.cluster.read(ref, limit());
      // A machine that is gone does not say how its containers ended.
      await connection.cluster.remove(ref, {}, limit());
      await untilGone(pod);
      const { labels, annotations, name } = node!.metadata;
      await connection.cluster.create(
        { apiVersion: 'v1', kind: 'Node', metadata: { name, labels, annotations }, spec: node!.spec },
        limit(),
      );
    });

    assertRetried('lost', /^(DeletionByPodGC|PodLost)$/);
  });

  async function untilGone({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): Promise<void> {
    const late = Date.now() + 180_000;
    while ((await connection.cluster.read({ apiVersion, kind, name, namespace: namespace! }, limit())) !== undefined) {
      if (Date.now() > late) throw new Error(`Pod ${name} is still there three minutes after its node has gone`);
      await sleep(500);
    }
  }
});

function isRunning(trial: string): (event: TimedEvent) => boolean {
  return (event) => event.type === 'waiting' && event.trial === trial && event.stage === 'run' && /is Running/.test(event.message);
}
