import assert from 'node:assert/strict';

import { firstToDelete } from '../../../../sandbox/controllers/first-to-delete.ts';

describe('firstToDelete', () => {
  const cases: [what: string, first: Traits, second: Traits][] = [
    ['a pod without a node', { node: false }, {}],
    ['a pod that does not run', { phase: 'Pending' }, {}],
    ['a pod that is not ready', { ready: undefined }, {}],
    ['a pod that costs less', { cost: '-1' }, {}],
    ['a pod that is ready for a shorter time', { ready: '2026-01-01T00:05:00Z' }, {}],
    ['a pod that was restarted more often', { restarts: 2 }, {}],
    ['a younger pod', { created: '2026-01-01T00:05:00Z' }, {}],
    ['a pod that is not ready rather than one that costs less', { ready: undefined }, { cost: '-1' }],
  ];
  for (const [what, first, second] of cases) {
    it(`takes ${what}`, () => {
      const chosen = firstToDelete([pod('staying', second), pod('going', first)], 1);

      assert.deepEqual(
        chosen.map(({ metadata }) => metadata.name),
        ['going'],
      );
    });
  }
});

type Traits = { node?: boolean; phase?: string; ready?: string | undefined; cost?: string; restarts?: number; created?: string };

function pod(name: string, traits: Traits): any {
  const { node, phase, ready, cost, restarts, created } = {
    node: true,
    phase: 'Running',
    ready: '2026-01-01T00:01:00Z',
    restarts: 0,
    created: '2026-01-01T00:00:00Z',
    cost: '0',
    ...traits,
  };
  return {
    metadata: { name, creationTimestamp: created, annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } },
    spec: { ...(node && { nodeName: 'sandbox' }) },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready === undefined ? 'False' : 'True', lastTransitionTime: ready }],
      containerStatuses: [{ restartCount: restarts }],
    },
  };
}
