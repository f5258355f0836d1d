import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { checkWorkloads } from '../../../runner/lifecycle/check-workloads.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import type { RenderedPatch } from '../../../runner/model/trial.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';
import { fromYaml } from '../../support/from-yaml.ts';
import { manualClock } from '../../support/manual-clock.ts';

const { signal } = new AbortController();

/** A StatefulSet of one pod, of which so many are available. */
function aStatefulSet(available: number): KubeObject {
  return fromYaml(`
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop-1, generation: 1}
spec: {replicas: 1, selector: {matchLabels: {app: db}}}
status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: ${available}, updateRevision: b, currentRevision: b}
`);
}

function aPod(status: string): KubeObject {
  return fromYaml(`
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop-1, labels: {app: db, controller-revision-hash: b}}
spec: {restartPolicy: Always}
status: ${status}
`);
}

const OOM_KILLED =
  '{phase: Running, containerStatuses: [{name: app, ready: false, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}}]}';

const PATCH: RenderedPatch = { index: 0, target: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' }, type: 'merge', body: {} };

function check(object: KubeObject, pod: KubeObject, patch = PATCH): Promise<void> {
  return checkWorkloads(
    { patches: [patch] },
    [object],
    { cluster: fakeCluster([pod]), clock: manualClock('2026-01-01T10:00:00.000Z') },
    signal,
  );
}

describe('the look at patched workloads after the run', () => {
  it('fails with what broke a pod since, and its evidence', async () => {
    await assert.rejects(check(aStatefulSet(0), aPod(OOM_KILLED)), (error) => {
      assert.ok(error instanceof StageFailure);
      assert.deepEqual(
        [error.stage, error.reason, error.message],
        ['collect', 'OOMKilled', 'StatefulSet db: pod db-0: container app: OOMKilled'],
      );
      assert.equal(error.evidence.containers?.[0]?.exitCode, 137);
      return true;
    });
  });

  it('does not look at the pods of one that is whole', async () => {
    const cluster = fakeCluster([aPod(OOM_KILLED)]);
    cluster.refuse('list', new Error('nobody should ask'));

    await checkWorkloads({ patches: [PATCH] }, [aStatefulSet(1)], { cluster, clock: manualClock('2026-01-01T10:00:00.000Z') }, signal);
  });

  it('does not mind a pod that is only late', async () => {
    await check(aStatefulSet(0), aPod('{phase: Running, conditions: [{type: Ready, status: "False"}]}'));
  });

  it('does not mind a pod that an autoscaler added and no node takes', async () => {
    await check(aStatefulSet(0), aPod('{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable}]}'));
  });

  it('does not look at one whose patch waits for nothing', async () => {
    await check(aStatefulSet(0), aPod(OOM_KILLED), { ...PATCH, readinessGates: [] });
  });

  it('does not mind objects without pods', async () => {
    await check(fromYaml('{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}'), aPod(OOM_KILLED));
  });
});
