import assert from 'node:assert/strict';

import { planStatefulSet } from '../../../../../sandbox/controllers/stateful-set/plan-stateful-set.ts';

const now = new Date('2026-01-01T01:00:00Z');
const revisions = { current: 'db-1', update: 'db-2' };

describe('planStatefulSet', () => {
  it('creates the first pod that is missing, and no other', () => {
    const plan = planStatefulSet(statefulSet({ replicas: 3 }), [pod(0)], revisions, now);

    assert.deepEqual(plan, { create: [{ ordinal: 1, revision: 'db-2' }], remove: [] });
  });

  it('waits for a pod that is not ready before it creates the next', () => {
    const plan = planStatefulSet(statefulSet({ replicas: 3 }), [pod(0, { ready: false })], revisions, now);

    assert.deepEqual(plan, { create: [], remove: [] });
  });

  it('creates all at once in parallel', () => {
    const plan = planStatefulSet(statefulSet({ replicas: 3, podManagementPolicy: 'Parallel' }), [pod(1, { ready: false })], revisions, now);

    assert.deepEqual(
      plan.create.map(({ ordinal }) => ordinal),
      [0, 2],
    );
  });

  it('replaces a pod that has ended', () => {
    const ended = pod(0, { phase: 'Failed' });

    const plan = planStatefulSet(statefulSet({ replicas: 1 }), [ended], revisions, now);

    assert.deepEqual(plan, { create: [], remove: [ended] });
  });

  it('replaces old pods from the last on, one after another', () => {
    const pods = [pod(0, { revision: 'db-1' }), pod(1, { revision: 'db-1' }), pod(2)];

    const plan = planStatefulSet(statefulSet({ replicas: 3 }), pods, revisions, now);

    assert.deepEqual(plan.remove, [pods[1]]);
  });

  it('leaves pods below the partition, and makes them of the former template', () => {
    const set = statefulSet({ replicas: 2, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } });

    const complete = planStatefulSet(set, [pod(0, { revision: 'db-1' }), pod(1)], revisions, now);
    const missing = planStatefulSet(set, [pod(1)], revisions, now);

    assert.deepEqual(complete.remove, []);
    assert.deepEqual(missing.create, [{ ordinal: 0, revision: 'db-1' }]);
  });

  it('removes what is too much from the last on', () => {
    const pods = [pod(0), pod(1), pod(2)];

    const plan = planStatefulSet(statefulSet({ replicas: 1 }), pods, revisions, now);

    assert.deepEqual(plan.remove, [pods[2]]);
  });

  it('waits until a pod is gone before it removes the next', () => {
    const plan = planStatefulSet(statefulSet({ replicas: 1 }), [pod(0), pod(1), pod(2, { ending: true })], revisions, now);

    assert.deepEqual(plan.remove, []);
  });

  it('counts from ordinals.start', () => {
    const plan = planStatefulSet(statefulSet({ replicas: 2, ordinals: { start: 5 } }), [pod(5)], revisions, now);

    assert.deepEqual(
      plan.create.map(({ ordinal }) => ordinal),
      [6],
    );
  });

  it('does nothing for a StatefulSet that is being deleted', () => {
    const set = { ...statefulSet({ replicas: 1 }), metadata: { name: 'db', deletionTimestamp: '2026-01-01T00:00:00Z' } };

    assert.deepEqual(planStatefulSet(set, [], revisions, now), { create: [], remove: [] });
  });
});

function statefulSet(spec: Record<string, unknown>): any {
  return { metadata: { name: 'db' }, spec };
}

function pod(
  ordinal: number,
  {
    ready = true,
    phase = 'Running',
    revision = 'db-2',
    ending = false,
  }: { ready?: boolean; phase?: string; revision?: string; ending?: boolean } = {},
): any {
  return {
    metadata: {
      name: `db-${ordinal}`,
      labels: { 'controller-revision-hash': revision },
      ...(ending && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  };
}
