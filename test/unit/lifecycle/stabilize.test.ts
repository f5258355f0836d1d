import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { stabilize, stabilizeEvidence } from '../../../runner/lifecycle/stabilize.ts';
import type { AppliedPatch } from '../../../runner/lifecycle/trial-progress.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import type { ReadinessGate, TargetRef } from '../../../runner/model/experiment.ts';
import type { RenderedPatch, RenderedTrial } from '../../../runner/model/trial.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { aRenderedTrial } from '../../support/trials.ts';
import { until, whileTimePasses } from '../../support/while-time-passes.ts';

const APP: TargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' };

/** A Deployment of one replica of this generation, with this many pods available. */
function aDeployment({ name = 'app', generation = 1, available = 1, labels = {} } = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop-1', uid: `uid-of-${name}`, generation, labels },
    spec: { replicas: 1, selector: { matchLabels: { app: name } } },
    status: { observedGeneration: generation, replicas: 1, updatedReplicas: 1, availableReplicas: available },
  };
}

/** The one that runs the pods of `app`. */
const REPLICA_SET: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: 'app-h',
    namespace: 'shop-1',
    uid: 'rs',
    labels: { app: 'app', 'pod-template-hash': 'h' },
    annotations: { 'deployment.kubernetes.io/revision': '1' },
    ownerReferences: [{ uid: 'uid-of-app', controller: true }],
  },
};

function aPod(state: object): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'app-x',
      namespace: 'shop-1',
      labels: { app: 'app', 'pod-template-hash': 'h' },
      ownerReferences: [{ uid: 'rs', controller: true }],
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { restartPolicy: 'Always', containers: [{ name: 'app' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: false, restartCount: 2, ...state }] },
  };
}

const aPatch = (fields: Partial<RenderedPatch> = {}): RenderedPatch => ({ index: 0, target: APP, type: 'merge', body: {}, ...fields });
const applied = (generation: number): AppliedPatch[] => [
  { index: 0, target: 'Deployment app', type: 'merge', effect: 'changed', generation },
];
const aGate = (fields: Partial<ReadinessGate>): ReadinessGate => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  conditionTypes: ['fieldtrial.dev/app-ready'],
  initialDelay: 0,
  ...fields,
});

describe('stabilization', () => {
  let clock: ManualClock;
  let said: string[];

  beforeEach(() => {
    clock = manualClock();
    said = [];
  });

  function wait(cluster: FakeCluster, fields: Partial<RenderedTrial>, patched: AppliedPatch[] = [], signal = new AbortController().signal) {
    return stabilize(
      aRenderedTrial(fields),
      patched,
      { cluster, clock, unschedulableGrace: 60_000, waiting: (message) => void said.push(message) },
      signal,
    );
  }

  it('has nothing to wait for without patches and gates', async () => {
    assert.deepEqual(await wait(fakeCluster(), {}), {});
  });

  it('is done at once when everything is ready', async () => {
    await wait(fakeCluster([aDeployment()]), { patches: [aPatch()] });

    assert.deepEqual(said, []);
  });

  it('waits for the rollout of what was patched, and says what is missing', async () => {
    const cluster = fakeCluster([aDeployment({ available: 0 })]);
    const done = wait(cluster, { patches: [aPatch()] });
    await until(() => said.length > 0, clock);
    assert.deepEqual(said, ['Deployment app: Available 0/1']);

    cluster.put(aDeployment());

    await whileTimePasses(done, clock);
  });

  it('does not take the rollout before the patch for the one after it', async () => {
    const cluster = fakeCluster([aDeployment({ generation: 4 })]);
    const done = wait(cluster, { patches: [aPatch()] }, applied(5));
    await until(() => said.length > 0, clock);
    assert.match(said[0] ?? '', /Deployment app: .*4.*5/);

    cluster.put(aDeployment({ generation: 5 }));

    await whileTimePasses(done, clock);
  });

  it('waits for the target of a patch that rendered to nothing', async () => {
    const cluster = fakeCluster([aDeployment({ available: 0 })]);
    const done = wait(cluster, { patches: [aPatch({ body: undefined })] });
    await until(() => said.length > 0, clock);

    cluster.put(aDeployment());

    await whileTimePasses(done, clock);
  });

  it('waits for nothing when the patch has an empty list of gates', async () => {
    await wait(fakeCluster(), { patches: [aPatch({ readinessGates: [] })] });
  });

  it('does not wait for a ConfigMap', async () => {
    await wait(fakeCluster(), { patches: [aPatch({ target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' } })] });
  });

  it('waits for the conditions that the patch names instead', async () => {
    const cluster = fakeCluster([aDeployment({ available: 0 })]);
    const done = wait(cluster, { patches: [aPatch({ readinessGates: [{ conditionType: 'Warm' }] })] });
    await until(() => said.length > 0, clock);

    cluster.put({ ...aDeployment({ available: 0 }), status: { conditions: [{ type: 'Warm', status: 'True' }] } });

    await whileTimePasses(done, clock);
  });

  it('waits for a gate of the template by name, which replaces the default of a patch of the same object', async () => {
    const cluster = fakeCluster([{ ...aDeployment({ available: 0 }), status: { conditions: [{ type: 'Warm', status: 'True' }] } }]);

    await wait(cluster, { patches: [aPatch()], readinessGates: [aGate({ name: 'app', conditionTypes: ['Warm'] })] });
  });

  it('waits for every object that a gate selects', async () => {
    const labels = { tier: 'web' };
    const cluster = fakeCluster([aDeployment({ name: 'a', labels }), aDeployment({ name: 'b', available: 0, labels })]);
    const done = wait(cluster, { readinessGates: [aGate({ selector: { matchLabels: labels } })] });
    await until(() => said.length > 0, clock);
    assert.deepEqual(said, ['Deployment tier=web: Available 0/1']);

    cluster.put(aDeployment({ name: 'b', labels }));

    await whileTimePasses(done, clock);
  });

  it('says that a target does not exist, and goes on once it does', async () => {
    const cluster = fakeCluster();
    const done = wait(cluster, { readinessGates: [aGate({ name: 'app' })] });
    await until(() => said.length > 0, clock);
    assert.deepEqual(said, ['Deployment app: does not exist']);

    cluster.put(aDeployment());

    await whileTimePasses(done, clock);
  });

  it('gives a gate its initial delay', async () => {
    const done = wait(fakeCluster([aDeployment()]), { readinessGates: [aGate({ name: 'app', initialDelay: 30_000 })] });
    await until(() => said.length > 0, clock);
    assert.deepEqual(said, ['Deployment app: initial delay']);

    await whileTimePasses(done, clock);

    assert.ok(clock.now() >= new Date('2026-01-01T00:00:30Z'));
  });

  it('names everything that is missing', async () => {
    const cluster = fakeCluster([aDeployment({ available: 0 }), aDeployment({ name: 'db', available: 0 })]);
    const db = aPatch({ index: 1, target: { ...APP, name: 'db' } });
    const ending = new AbortController();
    const done = wait(cluster, { patches: [aPatch(), db] }, [], ending.signal);
    done.catch(() => undefined);

    await until(() => said.includes('Deployment app: Available 0/1; Deployment db: Available 0/1'), clock);

    ending.abort();
  });

  it('fails with the reason and the evidence of a pod that can never be ready', async () => {
    const crashing = aPod({
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    });
    const cluster = fakeCluster([aDeployment({ available: 0 }), REPLICA_SET, crashing]);

    const failure: unknown = await whileTimePasses(wait(cluster, { patches: [aPatch()] }), clock).catch((error: unknown) => error);

    assert.ok(failure instanceof StageFailure);
    assert.equal(failure.stage, 'stabilize');
    assert.equal(failure.reason, 'OOMKilled');
    assert.match(failure.message, /^Deployment app: pod app-x: container app: OOMKilled/);
    assert.equal(failure.evidence.containers?.[0]?.exitCode, 137);
  });

  it('gives an operator a minute from when the held rollout was first seen, whatever the clock of the cluster', async () => {
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'shop-1', managedFields: [{ manager: 'fieldtrial', time: '2025-12-31T23:00:00Z' }] },
      spec: { replicas: 1, updateStrategy: { type: 'OnDelete' } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 0, availableReplicas: 1 },
    };
    const patches = [aPatch({ target: { ...APP, kind: 'StatefulSet', name: 'db' } })];

    const failure: unknown = await whileTimePasses(wait(fakeCluster([set]), { patches }), clock).catch((error: unknown) => error);

    assert.equal(failure instanceof StageFailure && failure.reason, 'RolloutHeld');
    assert.match(clock.now().toISOString(), /T00:01:0\d/);
  });

  it("rejects with the signal's reason", async () => {
    const ending = new AbortController();
    const reason = new Error('SIGTERM');
    const done = assert.rejects(wait(fakeCluster([aDeployment({ available: 0 })]), { patches: [aPatch()] }, [], ending.signal), reason);
    await until(() => said.length > 0, clock);

    ending.abort(reason);

    await done;
  });
});

describe('the evidence of what is still not ready', () => {
  it('is that of the pods of everything that is waited for', async () => {
    const cluster = fakeCluster([aDeployment({ available: 0 }), REPLICA_SET, aPod({ state: { running: {} } })]);
    cluster.logs.set('app-x/app', 'still warming up\n');

    const evidence = await stabilizeEvidence(aRenderedTrial({ patches: [aPatch()] }), cluster, new AbortController().signal);

    assert.deepEqual(evidence, { containers: [{ pod: 'app-x', container: 'app', log: 'still warming up' }] });
  });
});
