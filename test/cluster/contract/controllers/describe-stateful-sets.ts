import assert from 'node:assert/strict';

import type { KubeObject } from '../../../../runner/cluster/port.ts';
import { podThat } from './pod-templates.ts';
import type { Workbench } from './workbench.ts';

export function describeStatefulSets(bench: Workbench): void {
  const named = (name: string) => ({ apiVersion: 'apps/v1', kind: 'StatefulSet', name });
  const podsOf = (name: string) => bench.list('v1', 'Pod', `app=${name}`);
  const relabel = (version: string) => ({ spec: { template: { metadata: { labels: { version } } } } });

  function createSet(spec: Record<string, unknown> = {}): Promise<KubeObject> {
    const name = bench.name();
    const labels = { app: name };
    return bench.create({
      ...named(name),
      metadata: { name },
      spec: {
        replicas: 2,
        serviceName: name,
        ...spec,
        selector: { matchLabels: labels },
        template: podThat({ restartPolicy: 'Always', labels }),
      },
    });
  }

  it('come up one pod after another', async () => {
    const set = await createSet();
    const { name } = set.metadata;

    const states = await bench.statesUntil(set, isRolledOut);

    const counts = states.map(({ status }) => `${status.replicas} pods, ${status.readyReplicas ?? 0} ready`);
    assert.deepEqual(withoutRepetition(counts), [
      '0 pods, 0 ready',
      '1 pods, 0 ready',
      '1 pods, 1 ready',
      '2 pods, 1 ready',
      '2 pods, 2 ready',
    ]);
    const { status } = states.at(-1)!;
    assert.match(status.updateRevision, new RegExp(`^${name}-[a-z0-9]+$`));
    assert.deepEqual(status, {
      availableReplicas: 2,
      collisionCount: 0,
      currentReplicas: 2,
      currentRevision: status.updateRevision,
      observedGeneration: 1,
      readyReplicas: 2,
      replicas: 2,
      updateRevision: status.updateRevision,
      updatedReplicas: 2,
    });
  });

  it('number their pods, and label them with number and revision', async () => {
    const set = await createSet();
    const { name } = set.metadata;
    const { status } = await bench.until(named(name), isRolledOut);

    const pods = await podsOf(name);

    assert.deepEqual(
      pods.map(({ metadata, spec }) => [metadata.name, metadata.labels, spec.hostname, spec.subdomain]),
      [0, 1].map((ordinal) => [
        `${name}-${ordinal}`,
        {
          app: name,
          'apps.kubernetes.io/pod-index': String(ordinal),
          'controller-revision-hash': status.updateRevision,
          'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
        },
        `${name}-${ordinal}`,
        name,
      ]),
    );
  });

  it('replace pods from the last to the first, and then call the new revision current', async () => {
    const { metadata } = await createSet();
    const { name } = metadata;
    const before = await bench.until(named(name), isRolledOut);

    const patched = await bench.patch(named(name), relabel('2'));
    const states = await bench.statesUntil(patched, isRolledOut);

    const { status } = states.at(-1)!;
    assert.notEqual(status.updateRevision, before.status.updateRevision);
    const rolling = states.filter(({ status }) => status.observedGeneration === 2 && status.updatedReplicas === 1);
    assert.ok(rolling.length > 0);
    assert.ok(rolling.every(({ status }) => status.currentRevision === before.status.currentRevision));
    assert.equal(status.currentRevision, status.updateRevision);
    const [first, last] = await podsOf(name);
    assert.ok(Date.parse(first!.metadata.creationTimestamp!) >= Date.parse(last!.metadata.creationTimestamp!));
    assert.deepEqual(
      [first, last].map((pod) => pod!.metadata.labels!['version']),
      ['2', '2'],
    );
  });

  it('leave pods below the partition as they are', async () => {
    const { metadata } = await createSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } });
    const { name } = metadata;
    const before = await bench.until(named(name), isRolledOut);

    await bench.patch(named(name), relabel('2'));
    const { status } = await bench.until(
      named(name),
      (each) => each.status.observedGeneration === 2 && each.status.updatedReplicas === 1 && each.status.readyReplicas === 2,
    );

    const pods = await podsOf(name);
    assert.deepEqual(
      pods.map((pod) => pod.metadata.labels!['version']),
      [undefined, '2'],
    );
    assert.equal(status.currentRevision, before.status.currentRevision);
    assert.equal(status.currentReplicas, 1);
  });

  it('leave replacing to whoever deletes pods when they are told so', async () => {
    const { metadata } = await createSet({ replicas: 1, updateStrategy: { type: 'OnDelete' } });
    const { name } = metadata;
    await bench.until(named(name), ({ status }) => status.readyReplicas === 1);
    const [pod] = await podsOf(name);

    await bench.patch(named(name), relabel('2'));
    await bench.until(named(name), ({ status }) => status.observedGeneration === 2);
    const [kept] = await podsOf(name);
    await bench.remove({ apiVersion: 'v1', kind: 'Pod', name: pod!.metadata.name });
    const successor = await bench.until(
      { apiVersion: 'v1', kind: 'Pod', name: pod!.metadata.name },
      (each) => each.metadata.uid !== pod!.metadata.uid,
    );

    assert.equal(kept!.metadata.uid, pod!.metadata.uid);
    assert.equal(successor.metadata.labels!['version'], '2');
  });

  it('shrink from the last pod on', async () => {
    const { metadata } = await createSet();
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);

    await bench.patch(named(name), { spec: { replicas: 1 } });
    await bench.until(named(name), isRolledOut);

    assert.deepEqual(
      (await podsOf(name)).map((pod) => pod.metadata.name),
      [`${name}-0`],
    );
  });

  it('start all pods at once with podManagementPolicy Parallel', async () => {
    const set = await createSet({ podManagementPolicy: 'Parallel' });

    const states = await bench.statesUntil(set, ({ status }) => status.replicas === 2);

    assert.equal(states.at(-1)!.status.readyReplicas, undefined);
  });

  it('make claims for their pods, which outlive them', async () => {
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    };
    const { metadata } = await createSet({ replicas: 1, volumeClaimTemplates: [claim] });
    const { name } = metadata;

    const pod = await bench.poll(async () => (await podsOf(name))[0]);
    await bench.remove(named(name));
    await bench.poll(async () => ((await podsOf(name)).length === 0 ? true : undefined));

    const [kept] = await bench.list('v1', 'PersistentVolumeClaim', `app=${name}`);
    assert.equal(kept?.metadata.name, `data-${name}-0`);
    assert.deepEqual(
      pod.spec.volumes.filter(({ persistentVolumeClaim }: any) => persistentVolumeClaim),
      [{ name: 'data', persistentVolumeClaim: { claimName: `data-${name}-0` } }],
    );
  });
}

function isRolledOut({ metadata, spec, status }: KubeObject): boolean {
  return (
    status.observedGeneration === metadata.generation &&
    status.replicas === spec.replicas &&
    status.readyReplicas === spec.replicas &&
    status.updatedReplicas === spec.replicas &&
    status.currentRevision === status.updateRevision
  );
}

function withoutRepetition(values: readonly string[]): string[] {
  return values.filter((value, index) => value !== values[index - 1]);
}
