import assert from 'node:assert/strict';
import { assessRollout } from '../../../../runner/lifecycle/readiness/assess-rollout.ts';
import { fromYaml } from '../../../support/from-yaml.ts';

const aStatefulSet = (strategy: string, status: string, replicas = 3) =>
  fromYaml(`
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: db, generation: 2}
    spec: {replicas: ${replicas}, updateStrategy: ${strategy}}
    status: {observedGeneration: 2, ${status}}
  `);

const ROLLING = '{type: RollingUpdate, rollingUpdate: {partition: 0}}';

describe('the rollout of a StatefulSet', () => {
  const waits: { when: string; strategy: string; status: string; says: string }[] = [
    {
      when: 'pods are at the old revision',
      strategy: ROLLING,
      status: 'replicas: 3, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3',
      says: 'Updated 1/3',
    },
    {
      when: 'a pod is not available',
      strategy: ROLLING,
      status: 'replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 2',
      says: 'Available 2/3',
    },
    {
      when: 'a pod is not ready on a server without availableReplicas',
      strategy: ROLLING,
      status: 'replicas: 3, updatedReplicas: 3, readyReplicas: 2',
      says: 'Available 2/3',
    },
    {
      when: 'a surplus pod is terminating',
      strategy: ROLLING,
      status: 'replicas: 4, updatedReplicas: 3, readyReplicas: 4, availableReplicas: 4',
      says: '1 of 4 pods not gone yet',
    },
    {
      when: 'the new revision is not the current one',
      strategy: '{type: RollingUpdate}',
      status: 'replicas: 3, updatedReplicas: 3, availableReplicas: 3, updateRevision: db-b, currentRevision: db-a',
      says: 'Revision db-b is not current yet',
    },
    {
      when: 'pods above the partition are at the old revision',
      strategy: '{type: RollingUpdate, rollingUpdate: {partition: 1}}',
      status: 'replicas: 3, updatedReplicas: 1, availableReplicas: 3, updateRevision: db-b, currentRevision: db-a',
      says: 'Updated 1/2',
    },
    {
      when: 'the partition keeps every pod at the old revision',
      strategy: '{type: RollingUpdate, rollingUpdate: {partition: 3}}',
      status: 'replicas: 3, updatedReplicas: 0, availableReplicas: 3, updateRevision: db-b, currentRevision: db-a',
      says: 'Updated 0/3, and partition 3 keeps every pod at the old revision',
    },
    {
      when: 'OnDelete keeps pods at the old revision',
      strategy: '{type: OnDelete}',
      status: 'replicas: 3, updatedReplicas: 1, availableReplicas: 3, updateRevision: db-b, currentRevision: db-a',
      says: 'Updated 1/3, and update strategy OnDelete replaces a pod only after somebody deleted it',
    },
  ];
  for (const { when, strategy, status, says } of waits) {
    it(`waits while ${when}`, () => {
      assert.deepEqual(assessRollout(aStatefulSet(strategy, status), {}), { status: 'Waiting', message: says });
    });
  }

  it('is ready when every pod is at the new revision and available', () => {
    const set = aStatefulSet(ROLLING, 'replicas: 3, updatedReplicas: 3, availableReplicas: 3, updateRevision: db-b, currentRevision: db-b');

    assert.deepEqual(assessRollout(set, {}), { status: 'Ready' });
  });

  it('is ready below a partition when the pods above it are updated', () => {
    const status = 'replicas: 3, updatedReplicas: 2, availableReplicas: 3, updateRevision: db-b, currentRevision: db-a';

    assert.deepEqual(assessRollout(aStatefulSet('{type: RollingUpdate, rollingUpdate: {partition: 1}}', status), {}), {
      status: 'Ready',
    });
  });

  it('is ready with OnDelete when the pods were replaced, although the controller never moves currentRevision', () => {
    const status = 'replicas: 3, updatedReplicas: 3, availableReplicas: 3, updateRevision: db-b, currentRevision: db-a';

    assert.deepEqual(assessRollout(aStatefulSet('{type: OnDelete}', status), {}), { status: 'Ready' });
  });

  it('is ready with no replicas', () => {
    assert.deepEqual(assessRollout(aStatefulSet(ROLLING, 'replicas: 0, updateRevision: db-a, currentRevision: db-a', 0), {}), {
      status: 'Ready',
    });
  });

  for (const [what, strategy] of [
    ['OnDelete', '{type: OnDelete}'],
    ['a partition of all', '{type: RollingUpdate, rollingUpdate: {partition: 3}}'],
  ] as const) {
    it(`fails with ${what} when nobody has replaced a pod for a minute after our patch`, () => {
      const set = aStatefulSet(
        strategy,
        'replicas: 3, updatedReplicas: 0, availableReplicas: 3, updateRevision: db-b, currentRevision: db-a',
      );
      const managedFields = [{ manager: 'fieldtrial', time: '2026-03-01T10:00:00Z' }];
      const patched = { ...set, metadata: { ...set.metadata, managedFields } };

      const [early, late] = [59_000, 60_000].map((held) => assessRollout(patched, { seenFor: () => held }));

      assert.equal(early?.status, 'Waiting');
      assert.equal(late?.status === 'Failed' && late.reason, 'RolloutHeld');
    });
  }
});
