import assert from 'node:assert/strict';
import { assessRollout } from '../../../../runner/lifecycle/readiness/assess-rollout.ts';
import { fromYaml } from '../../../support/from-yaml.ts';

const aDaemonSet = (status: string, strategy = 'RollingUpdate') =>
  fromYaml(`
    apiVersion: apps/v1
    kind: DaemonSet
    metadata: {name: agent, generation: 2}
    spec: {updateStrategy: {type: ${strategy}}}
    status: {observedGeneration: 2, ${status}}
  `);

describe('the rollout of a DaemonSet', () => {
  it('waits for the pods that are still old', () => {
    const set = aDaemonSet('desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3');

    assert.deepEqual(assessRollout(set, {}), { status: 'Waiting', message: 'Updated 1/3' });
  });

  it('waits for the pods that are not available', () => {
    const set = aDaemonSet('desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2');

    assert.deepEqual(assessRollout(set, {}), { status: 'Waiting', message: 'Available 2/3' });
  });

  it('waits with OnDelete, and says what for', () => {
    const set = aDaemonSet('desiredNumberScheduled: 3, updatedNumberScheduled: 0, numberAvailable: 3', 'OnDelete');

    assert.deepEqual(assessRollout(set, {}), {
      status: 'Waiting',
      message: 'Updated 0/3, and update strategy OnDelete replaces a pod only after somebody deleted it',
    });
  });

  describe('with OnDelete, a while after our patch', () => {
    const patched = (status: string) => {
      const set = aDaemonSet(status, 'OnDelete');
      const managedFields = [{ manager: 'fieldtrial', time: '2026-03-01T10:00:00Z' }];
      return { ...set, metadata: { ...set.metadata, managedFields } };
    };
    const NONE = 'desiredNumberScheduled: 3, updatedNumberScheduled: 0, numberAvailable: 3';

    it('fails when nobody has begun to replace pods, and says how it would go on', () => {
      assert.deepEqual(assessRollout(patched(NONE), { seenFor: () => 60_000 }), {
        status: 'Failed',
        reason: 'RolloutHeld',
        message:
          'Updated 0/3, and update strategy OnDelete replaces a pod only after somebody deleted it; patch spec.updateStrategy.type to RollingUpdate, or have the pods deleted',
      });
    });

    it('waits within a minute, and when somebody has begun', () => {
      const soon = assessRollout(patched(NONE), { seenFor: () => 59_000 });
      const begun = assessRollout(patched('desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3'), {
        seenFor: () => 540_000,
      });

      assert.deepEqual([soon?.status, begun?.status], ['Waiting', 'Waiting']);
    });
  });

  it('is ready when every node has its updated pod', () => {
    const set = aDaemonSet('desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3');

    assert.deepEqual(assessRollout(set, {}), { status: 'Ready' });
  });

  it('is ready where no node is to have a pod', () => {
    assert.deepEqual(assessRollout(aDaemonSet('desiredNumberScheduled: 0, numberMisscheduled: 0'), {}), {
      status: 'Ready',
    });
  });
});
