import assert from 'node:assert/strict';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { PreflightFailed } from '../../../runner/model/errors.ts';
import { makeNamespaces } from '../../../runner/slots/make-namespaces.ts';
import { namespaceOf, type NamespacePlan } from '../../../runner/slots/plan-namespace.ts';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';

const planOf = (slot: string, experiment: string): NamespacePlan => ({
  slot,
  experiment,
  namespace: namespaceOf(slot, { name: experiment }, {}),
  accounts: [],
  rules: [],
});

describe('making the namespaces of a run', () => {
  const ready = {
    usable: ['there', 'a', 'b'],
    candidates: new Map([
      ['ours', ['there', 'a', 'b']],
      ['other', ['b']],
    ]),
    plans: [planOf('a', 'ours'), planOf('b', 'other')],
  };

  it('leaves those to another run whose experiment it holds, and uses none of them', async () => {
    const cluster = fakeCluster();

    const slots = await makeNamespaces(
      ready,
      [{ name: 'ours' }],
      { cluster, clock: manualClock(), emit: () => {} },
      AbortSignal.timeout(5_000),
    );

    assert.deepEqual(cluster.changes, ['create Namespace undefined/a']);
    assert.deepEqual([slots.usable, Object.fromEntries(slots.candidates)], [['there', 'a'], { ours: ['there', 'a'], other: [] }]);
  });

  it('leaves to another run what it has begun and not bound yet, and uses what is done', async () => {
    const { namespace: _, ...there } = planOf('a', 'other');
    const { namespace: __, ...bound } = planOf('b', 'other');
    const plans = [{ ...there, slotRole: 'fieldtrial-slot' }, bound];
    const cluster = fakeCluster();

    const slots = await makeNamespaces(
      { ...ready, plans },
      [{ name: 'ours' }],
      { cluster, clock: manualClock(), emit: () => {} },
      AbortSignal.timeout(5_000),
    );

    assert.deepEqual([cluster.changes, slots.usable], [[], ['there', 'b']]);
  });

  it('goes on without one that cannot be made', async () => {
    const cluster = fakeCluster();
    cluster.refuse('create Namespace undefined/a', new ClusterError(403, 'Forbidden', 'no'));
    const held = [{ name: 'ours' }, { name: 'other' }];

    const slots = await makeNamespaces(ready, held, { cluster, clock: manualClock(), emit: () => {} }, AbortSignal.timeout(5_000));

    assert.deepEqual(slots.usable, ['there', 'b']);
  });

  it('fails with what was refused when no slot is left', async () => {
    const cluster = fakeCluster();
    cluster.refuse('create Namespace', new ClusterError(403, 'Forbidden', 'no more than ten'));
    const only = { usable: ['a'], candidates: new Map([['ours', ['a']]]), plans: [planOf('a', 'ours')] };

    const making = makeNamespaces(only, [{ name: 'ours' }], { cluster, clock: manualClock(), emit: () => {} }, AbortSignal.timeout(5_000));

    await assert.rejects(making, new PreflightFailed('namespace "a" could not be made a slot: no more than ten'));
  });

  it('says which experiment is left without a slot', async () => {
    const cluster = fakeCluster();
    cluster.refuse('create Namespace undefined/b', new ClusterError(403, 'Forbidden', 'no'));
    const events: RunEvent[] = [];
    const held = [{ name: 'ours' }, { name: 'other' }];

    await makeNamespaces(
      ready,
      held,
      { cluster, clock: manualClock(), emit: (event) => void events.push(event) },
      AbortSignal.timeout(5_000),
    );

    assert.deepEqual(
      events.flatMap((event) => (event.type === 'experiment-skipped' ? [`${event.experiment} ${event.reason}`] : [])),
      ['other NoSlot'],
    );
  });
});
