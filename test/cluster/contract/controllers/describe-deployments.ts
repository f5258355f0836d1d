import assert from 'node:assert/strict';

import type { KubeObject } from '../../../../runner/cluster/port.ts';
import { podThat, type Behavior } from './pod-templates.ts';
import type { Workbench } from './workbench.ts';

export function describeDeployments(bench: Workbench): void {
  const named = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });
  const setsOf = (name: string) => bench.list('apps/v1', 'ReplicaSet', `app=${name}`);
  const podsOf = (name: string) => bench.list('v1', 'Pod', `app=${name}`);
  const relabel = (version: string) => ({ spec: { template: { metadata: { labels: { version } } } } });

  function createDeployment(spec: Record<string, unknown> = {}, behavior: Behavior = {}): Promise<KubeObject> {
    const name = bench.name();
    const labels = { app: name };
    return bench.create({
      ...named(name),
      metadata: { name },
      spec: { ...spec, selector: { matchLabels: labels }, template: podThat({ ...behavior, restartPolicy: 'Always', labels }) },
    });
  }

  it('come up through one ReplicaSet, which is named by the hash of the template', async () => {
    const deployment = await createDeployment({ replicas: 2 });
    const { name, uid } = deployment.metadata;

    const { metadata, status } = await bench.until(named(name), isRolledOut);

    const [set, ...others] = await setsOf(name);
    const hash = set!.metadata.labels!['pod-template-hash'];
    assert.deepEqual(others, []);
    assert.equal(set!.metadata.name, `${name}-${hash}`);
    assert.deepEqual(set!.metadata.annotations, {
      'deployment.kubernetes.io/desired-replicas': '2',
      'deployment.kubernetes.io/max-replicas': '3',
      'deployment.kubernetes.io/revision': '1',
    });
    assert.deepEqual(set!.metadata['ownerReferences'], [
      { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true },
    ]);
    assert.deepEqual(set!.spec.selector.matchLabels, { app: name, 'pod-template-hash': hash });
    assert.deepEqual(withoutConditions(set!.status), {
      availableReplicas: 2,
      fullyLabeledReplicas: 2,
      observedGeneration: 1,
      readyReplicas: 2,
      replicas: 2,
      terminatingReplicas: 0,
    });
    for (const pod of await podsOf(name)) assert.equal(pod.metadata.labels!['pod-template-hash'], hash);
    assert.equal(metadata.annotations!['deployment.kubernetes.io/revision'], '1');
    assert.deepEqual(withoutConditions(status), {
      availableReplicas: 2,
      observedGeneration: 1,
      readyReplicas: 2,
      replicas: 2,
      terminatingReplicas: 0,
      updatedReplicas: 2,
    });
  });

  it('tell of their progress by conditions', async () => {
    const deployment = await createDeployment();
    const { name } = deployment.metadata;

    const states = await bench.statesUntil(deployment, isRolledOut);

    const [set] = await setsOf(name);
    const progress = states.map(({ status }) => summary(findCondition(status, 'Progressing')));
    const availability = states.map(({ status }) => summary(findCondition(status, 'Available')));
    assert.deepEqual(withoutRepetition(progress), [
      '',
      `True NewReplicaSetCreated: Created new replica set "${set!.metadata.name}"`,
      `True ReplicaSetUpdated: ReplicaSet "${set!.metadata.name}" is progressing.`,
      `True NewReplicaSetAvailable: ReplicaSet "${set!.metadata.name}" has successfully progressed.`,
    ]);
    assert.deepEqual(withoutRepetition(availability), [
      '',
      'False MinimumReplicasUnavailable: Deployment does not have minimum availability.',
      'True MinimumReplicasAvailable: Deployment has minimum availability.',
    ]);
  });

  it('roll a new template out within maxSurge and maxUnavailable', async () => {
    const { metadata } = await createDeployment({
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);

    const patched = await bench.patch(named(name), relabel('2'));
    const states = await bench.statesUntil(patched, isRolledOut);

    const counts = states.map(({ status }) => status);
    assert.ok(counts.every(({ availableReplicas }) => availableReplicas >= 3));
    assert.ok(counts.every(({ replicas }) => replicas <= 4));
    assert.equal(patched.metadata.generation, 2);
    assert.equal(patched.status.observedGeneration, 1);
    const [latest] = states.slice(-1);
    assert.equal(latest!.status.observedGeneration, 2);
    assert.equal(latest!.metadata.annotations!['deployment.kubernetes.io/revision'], '2');
    const sizes = (await setsOf(name))
      .toSorted((one, other) => revision(one) - revision(other))
      .map((set) => `revision ${revision(set)}: ${set.spec.replicas}`);
    assert.deepEqual(sizes, ['revision 1: 0', 'revision 2: 3']);
  });

  it('go back to the ReplicaSet of an earlier template, which becomes the newest revision', async () => {
    const { metadata } = await createDeployment();
    const { name } = metadata;
    const first = await bench.until(named(name), isRolledOut);
    await bench.patch(named(name), relabel('2'));
    await bench.until(named(name), isRolledOut);

    await bench.patch(named(name), { spec: { template: { metadata: { labels: { version: null } } } } });
    const back = await bench.until(named(name), isRolledOut);

    const sets = await setsOf(name);
    assert.equal(sets.length, 2);
    assert.deepEqual(new Set(sets.map(revision)), new Set([2, 3]));
    assert.equal(back.metadata.annotations!['deployment.kubernetes.io/revision'], '3');
    assert.deepEqual(back.spec.template, first.spec.template);
  });

  it('end all old pods before the first new one when they are recreated', async () => {
    const { metadata } = await createDeployment({ replicas: 2, strategy: { type: 'Recreate' } });
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);
    const old = await podsOf(name);

    const patched = await bench.patch(named(name), relabel('2'));
    // Status writes of the controller may come together, so the pods themselves are looked at. Those that have ended do not count
    // (kubernetes/pkg/controller/deployment/recreate.go: oldPodsRunning).
    const living = async () => (await podsOf(name)).filter(({ status }) => !['Succeeded', 'Failed'].includes(status.phase));
    const mixed: string[][] = [];
    await bench.poll(async () => {
      const hashes = new Set((await living()).map(({ metadata: pod }) => String(pod.labels?.['pod-template-hash'])));
      if (hashes.size > 1) mixed.push([...hashes]);
      const now = await bench.read(named(name));
      return now !== undefined && now.metadata.generation === patched.metadata.generation && isRolledOut(now) ? now : undefined;
    });

    const created = await living();
    assert.deepEqual(mixed, []);
    assert.equal(old.length, 2);
    assert.equal(created.length, 2);
    assert.equal(created.filter(({ metadata: pod }) => old.some((each) => each.metadata.uid === pod.uid)).length, 0);
  });

  it('scale in place', async () => {
    const { metadata } = await createDeployment({ replicas: 1 });
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);

    await bench.patch(named(name), { spec: { replicas: 3 } });
    await bench.until(named(name), isRolledOut);
    await bench.patch(named(name), { spec: { replicas: 0 } });
    const { status } = await bench.until(named(name), (each) => isRolledOut(each) && each.status.terminatingReplicas === 0);

    assert.deepEqual(withoutConditions(status), { observedGeneration: 3, terminatingReplicas: 0 });
    assert.equal((await setsOf(name)).length, 1);
  });

  it('run out of time when nothing becomes available', async () => {
    const { metadata } = await createDeployment({ progressDeadlineSeconds: 3 }, { neverReady: true });
    const { name } = metadata;

    const { status } = await bench.until(named(name), (each) => findCondition(each.status, 'Progressing')?.status === 'False');

    const [set] = await setsOf(name);
    assert.equal(
      summary(findCondition(status, 'Progressing')),
      `False ProgressDeadlineExceeded: ReplicaSet "${set!.metadata.name}" has timed out progressing.`,
    );
    assert.deepEqual(withoutConditions(status), {
      observedGeneration: 1,
      replicas: 1,
      terminatingReplicas: 0,
      unavailableReplicas: 1,
      updatedReplicas: 1,
    });
  });

  it('do nothing while they are paused', async () => {
    const { metadata } = await createDeployment({ paused: true });
    const { name } = metadata;

    const paused = await bench.until(named(name), ({ status }) => status.observedGeneration === 1);
    const setsWhilePaused = await setsOf(name);
    await bench.patch(named(name), { spec: { paused: false } });
    await bench.until(named(name), isRolledOut);

    assert.equal(summary(findCondition(paused.status, 'Progressing')), 'Unknown DeploymentPaused: Deployment is paused');
    assert.deepEqual(setsWhilePaused, []);
    assert.equal((await setsOf(name)).length, 1);
  });

  it('replace a pod that is deleted', async () => {
    const { metadata } = await createDeployment();
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);
    const [pod] = await podsOf(name);

    await bench.remove({ apiVersion: 'v1', kind: 'Pod', name: pod!.metadata.name });
    const successor = await bench.poll(async () => (await podsOf(name)).find((each) => each.metadata.uid !== pod!.metadata.uid));

    assert.notEqual(successor.metadata.name, pod!.metadata.name);
    await bench.until(named(name), isRolledOut);
  });

  it('take their ReplicaSets and pods with them', async () => {
    const { metadata } = await createDeployment();
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);

    await bench.remove(named(name), 'Foreground');
    await bench.untilGone(named(name));

    assert.deepEqual([...(await setsOf(name)), ...(await podsOf(name))], []);
  });

  it('leave their ReplicaSets behind, with their pods, when these are to be orphaned', async () => {
    const { metadata } = await createDeployment();
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);
    const [pod] = await podsOf(name);

    await bench.remove(named(name), 'Orphan');
    await bench.untilGone(named(name));
    const [set] = await setsOf(name);
    const [left] = await podsOf(name);
    await bench.remove({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set!.metadata.name }, 'Foreground');
    await bench.untilGone({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set!.metadata.name });

    assert.equal(set!.metadata['ownerReferences'], undefined);
    assert.equal(set!.metadata.deletionTimestamp, undefined);
    assert.equal(left!.metadata.uid, pod!.metadata.uid);
    assert.deepEqual(
      (left!.metadata['ownerReferences'] as { kind: string; uid: string }[]).map(({ kind, uid }) => [kind, uid]),
      [['ReplicaSet', set!.metadata.uid]],
    );
  });

  it('tell of pods that a quota refuses', async () => {
    const { metadata, status } = await bench.withoutPods('none', async () => {
      const { metadata: created } = await createDeployment();
      return bench.until(named(created.name), (each) => findCondition(each.status, 'ReplicaFailure') !== undefined);
    });
    const recovered = await bench.until(named(metadata.name), isRolledOut);

    assert.match(
      summary(findCondition(status, 'ReplicaFailure')),
      /^True FailedCreate: pods "test-.+" is forbidden: exceeded quota: none,/,
    );
    assert.equal(findCondition(recovered.status, 'ReplicaFailure'), undefined);
  });
}

function isRolledOut({ metadata, spec, status }: KubeObject): boolean {
  const wanted = spec.replicas ?? 1;
  return (
    status.observedGeneration === metadata.generation &&
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    findCondition(status, 'Progressing')?.reason === 'NewReplicaSetAvailable' &&
    (wanted === 0 || status.terminatingReplicas === 0)
  );
}

function revision({ metadata }: KubeObject): number {
  return Number(metadata.annotations!['deployment.kubernetes.io/revision']);
}

function withoutConditions(status: any): any {
  const { conditions: _, ...counts } = status;
  return counts;
}

function findCondition(status: any, type: string): any {
  return status?.conditions?.find((condition: any) => condition.type === type);
}

function summary(condition: any): string {
  return condition === undefined ? '' : `${condition.status} ${condition.reason}: ${condition.message}`;
}

function withoutRepetition(values: readonly string[]): string[] {
  return values.filter((value, index) => value !== values[index - 1]);
}
