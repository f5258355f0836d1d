import assert from 'node:assert/strict';

import { currentSize, isScaling, rolloutBounds, scaleAll, shrinkOld } from '../../../../../sandbox/controllers/deployment/roll-out.ts';

describe('rolloutBounds', () => {
  it('rounds maxSurge up and maxUnavailable down', () => {
    const { maxSurge, maxUnavailable } = rolloutBounds(deployment(3));

    assert.deepEqual([maxSurge, maxUnavailable], [1, 0]);
  });

  it('lets one pod be missing rather than never to move', () => {
    const { maxUnavailable } = rolloutBounds(deployment(3, { maxSurge: 0, maxUnavailable: 0 }));

    assert.equal(maxUnavailable, 1);
  });
});

describe('currentSize', () => {
  const cases: [what: string, size: number, old: number, expected: number][] = [
    ['takes all at once when there is nothing else', 0, 0, 4],
    ['grows by what maxSurge leaves', 0, 4, 1],
    ['grows as old pods go', 1, 3, 2],
    ['stays while there is no room', 1, 4, 1],
    ['never exceeds what is wanted', 4, 0, 4],
    ['shrinks to what is wanted', 6, 0, 4],
  ];
  for (const [what, size, old, expected] of cases) {
    it(what, () => {
      assert.equal(currentSize(deployment(4, { maxSurge: 1, maxUnavailable: 0 }), size, [replicaSet('old', old)]), expected);
    });
  }
});

describe('shrinkOld', () => {
  it('gives up as many old pods as new ones are available', () => {
    const shrunk = shrinkOld(deployment(4, { maxSurge: 1, maxUnavailable: 0 }), {
      current: replicaSet('new', 1, 1),
      old: [replicaSet('old', 4, 4)],
    });

    assert.deepEqual(sizes(shrunk), { old: 3 });
  });

  it('keeps them while the new ones are not available', () => {
    const shrunk = shrinkOld(deployment(4, { maxSurge: 1, maxUnavailable: 0 }), {
      current: replicaSet('new', 1, 0),
      old: [replicaSet('old', 4, 4)],
    });

    assert.deepEqual(shrunk, []);
  });

  it('gives up unhealthy ones first, whichever ReplicaSet is older', () => {
    const shrunk = shrinkOld(deployment(4, { maxSurge: 1, maxUnavailable: 1 }), {
      current: replicaSet('new', 1, 0),
      old: [replicaSet('older', 2, 2), replicaSet('broken', 2, 0)],
    });

    assert.deepEqual(sizes(shrunk), { broken: 1 });
  });
});

describe('scaleAll', () => {
  it('gives all to the only ReplicaSet that has pods', () => {
    const scaled = scaleAll(deployment(5), { current: replicaSet('new', 0), old: [replicaSet('old', 3)] });

    assert.deepEqual(sizes(scaled), { old: 5 });
  });

  it('divides in proportion in the middle of a rollout', () => {
    const scaled = scaleAll(deployment(20, { maxSurge: 0, maxUnavailable: 1 }), {
      current: replicaSet('new', 4, 4, 10),
      old: [replicaSet('old', 6, 6, 10)],
    });

    assert.deepEqual(sizes(scaled), { old: 12, new: 8 });
  });

  it('takes everything away at zero', () => {
    const scaled = scaleAll(deployment(0), { current: replicaSet('new', 1, 1, 4), old: [replicaSet('old', 3, 3, 4)] });

    assert.deepEqual(sizes(scaled), { old: 0, new: 0 });
  });
});

describe('isScaling', () => {
  it('sees that the wanted number is not what ReplicaSets were sized for', () => {
    const sets = { current: replicaSet('new', 3, 3, 3), old: [] };

    assert.deepEqual([isScaling(deployment(3), sets), isScaling(deployment(5), sets)], [false, true]);
  });
});

function deployment(replicas: number, rollingUpdate?: object): any {
  return { spec: { replicas, strategy: { type: 'RollingUpdate', ...(rollingUpdate && { rollingUpdate }) } } };
}

function replicaSet(name: string, replicas: number, availableReplicas = replicas, desired?: number): any {
  const annotations = desired && {
    'deployment.kubernetes.io/desired-replicas': String(desired),
    'deployment.kubernetes.io/max-replicas': String(desired),
  };
  return { metadata: { name, annotations }, spec: { replicas }, status: { replicas, availableReplicas } };
}

function sizes(scalings: readonly { set: any; replicas: number }[]): Record<string, number> {
  return Object.fromEntries(scalings.map(({ set, replicas }) => [set.metadata.name, replicas]));
}
