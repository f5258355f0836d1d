import assert from 'node:assert/strict';

import { planDaemonSet } from '../../../../../sandbox/controllers/daemon-set/plan-daemon-set.ts';

const now = new Date('2026-01-01T01:00:00Z');

describe('planDaemonSet', () => {
  it('creates a pod where there is none', () => {
    assert.deepEqual(planDaemonSet(daemonSet(), [], 'new', now), { create: 1, remove: [] });
  });

  it('removes a pod of an old template, and creates its successor when it has ended', () => {
    const old = pod('old');

    const first = planDaemonSet(daemonSet(), [old], 'new', now);
    const ending = planDaemonSet(daemonSet(), [pod('old', { ending: true })], 'new', now);
    const ended = planDaemonSet(daemonSet(), [pod('old', { ending: true, phase: 'Failed' })], 'new', now);

    assert.deepEqual(first, { create: 0, remove: [old] });
    assert.deepEqual(ending, { create: 0, remove: [] });
    assert.deepEqual(ended, { create: 1, remove: [] });
  });

  it('creates the successor first with maxSurge, and removes the old pod when it is available', () => {
    const surging = daemonSet({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } });
    const old = pod('old');

    const first = planDaemonSet(surging, [old], 'new', now);
    const waiting = planDaemonSet(surging, [old, pod('new', { ready: false })], 'new', now);
    const last = planDaemonSet(surging, [old, pod('new')], 'new', now);

    assert.deepEqual(first, { create: 1, remove: [] });
    assert.deepEqual(waiting, { create: 0, remove: [] });
    assert.deepEqual(last, { create: 0, remove: [old] });
  });

  it('removes a pod that has ended before it creates another', () => {
    const ended = pod('new', { phase: 'Failed' });

    assert.deepEqual(planDaemonSet(daemonSet(), [ended], 'new', now), { create: 0, remove: [ended] });
  });

  it('leaves old pods alone with OnDelete', () => {
    assert.deepEqual(planDaemonSet(daemonSet({ type: 'OnDelete' }), [pod('old')], 'new', now), { create: 0, remove: [] });
  });
});

function daemonSet(updateStrategy: object = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }): any {
  return { metadata: { name: 'agent' }, spec: { updateStrategy } };
}

function pod(
  hash: string,
  { ready = true, phase = 'Running', ending = false }: { ready?: boolean; phase?: string; ending?: boolean } = {},
): any {
  return {
    metadata: { labels: { 'controller-revision-hash': hash }, ...(ending && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  };
}
