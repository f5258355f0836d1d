import assert from 'node:assert/strict';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { holdSlots, type ReadySlots } from '../../../runner/slots/hold-slots.ts';
import { openLeases } from '../../../runner/slots/run-leases.ts';
import { aLease } from '../../support/a-lease.ts';
import { leaseStore, type LeaseStore } from '../../support/lease-store.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const NEVER = new AbortController().signal;

describe('holding slots', () => {
  let events: RunEvent[];

  beforeEach(() => {
    events = [];
  });

  const hold = async (
    candidates: Record<string, string[]>,
    replicas: Record<string, number>,
    ready: Partial<ReadySlots> = {},
    store: LeaseStore = leaseStore(),
  ) => {
    const clock = manualClock();
    const emit = (event: RunEvent) => void events.push(event);
    const leases = openLeases('we', { cluster: store.cluster, clock, emit, timing: { duration: 60_000, renewal: 10_000 } });
    const all = {
      candidates: new Map(Object.entries(candidates)),
      usable: [...new Set(Object.values(candidates).flat())],
      unfinished: [],
      seen: new Map(),
      ...ready,
    };
    const experiments = Object.entries(replicas).map(([name, count]) => ({ name, replicas: count }));
    const holding = holdSlots(all, experiments, { leases, emit }, NEVER);
    // Whoever holds a slot renews it now and then.
    const renew = async () => {
      await clock.sleep(5_000, NEVER);
      for (const slot of all.usable)
        if (store.get(slot)?.spec.holderIdentity === 'somebody')
          store.edit(({ spec }) => (spec.renewTime = '2026-01-01T00:00:05.000000Z'), slot);
    };
    const [held] = await whileTimePasses(Promise.all([holding, renew()]), clock);
    await leases.giveBack();
    return { slots: held.slots.map(({ name }) => name), elsewhere: held.elsewhere };
  };

  it('takes as many as the experiment may use at once', async () => {
    assert.deepEqual((await hold({ sizing: ['a', 'b', 'c'] }, { sizing: 2 })).slots, ['a', 'b']);
  });

  it('takes the only slot of one experiment before the many of another', async () => {
    const { slots } = await hold({ many: ['a', 'b', 'c'], few: ['c'] }, { many: 2, few: 1 });

    assert.deepEqual(slots.toSorted(), ['a', 'b', 'c']);
  });

  it('takes none that no experiment wants', async () => {
    const { slots } = await hold({ sizing: ['b'] }, { sizing: 2 }, { usable: ['a', 'b'] });

    assert.deepEqual(slots, ['b']);
  });

  it('shares out slots that two experiments want', async () => {
    assert.deepEqual((await hold({ one: ['a', 'b', 'c'], other: ['a', 'b', 'c'] }, { one: 1, other: 1 })).slots, ['a', 'b']);
  });

  it('takes those with something unfinished first, also when no experiment wants them any more', async () => {
    const { slots } = await hold({ sizing: ['a', 'b', 'c'] }, { sizing: 1 }, { usable: ['a', 'b', 'c', 'd'], unfinished: ['c', 'd'] });

    assert.deepEqual(slots, ['c', 'd']);
  });

  it('passes over one that another run holds, and says by whom', async () => {
    const held = await hold({ sizing: ['a', 'b', 'c'] }, { sizing: 2 }, {}, leaseStore([aLease({ slot: 'a', holder: 'somebody' })]));

    assert.deepEqual(held, { slots: ['b', 'c'], elsewhere: ['a'] });
    assert.deepEqual(events, [{ type: 'slot-skipped', slot: 'a', reason: 'HeldElsewhere', message: 'run somebody holds it' }]);
  });

  it('leaves none held when the run ends', async () => {
    const store = leaseStore();

    await hold({ sizing: ['a', 'b'] }, { sizing: 2 }, {}, store);

    assert.deepEqual(
      ['a', 'b'].map((slot) => store.get(slot)?.spec.holderIdentity),
      ['', ''],
    );
  });
});
