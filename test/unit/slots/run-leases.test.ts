import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { openLeases } from '../../../runner/slots/run-leases.ts';
import { slotLease } from '../../../runner/slots/slot-lease.ts';
import { aLease } from '../../support/a-lease.ts';
import { leaseStore, type LeaseStore } from '../../support/lease-store.ts';
import { everythingWaits, manualClock } from '../../support/manual-clock.ts';

const NEVER = new AbortController().signal;

describe('the Leases of a run', () => {
  const open = (store: LeaseStore, events: RunEvent[] = []) =>
    openLeases('we', {
      cluster: store.cluster,
      clock: manualClock(),
      emit: (event) => events.push(event),
      timing: { duration: 60_000, renewal: 10_000 },
    });

  it('are all given back when it ends', async () => {
    const store = leaseStore();
    const leases = open(store);
    await Promise.all(['a', 'b'].map((slot) => leases.acquire(slotLease(slot), NEVER)));

    await leases.giveBack();

    assert.deepEqual(
      ['a', 'b'].map((slot) => store.get(slot)?.spec.holderIdentity),
      ['', ''],
    );
  });

  it('are asked for no longer when it ends', async () => {
    const store = leaseStore([aLease({ slot: 'a', holder: 'somebody' })]);
    const leases = open(store);
    const acquiring = leases.acquire(slotLease('a'), NEVER);
    acquiring.catch(() => undefined);
    await everythingWaits();

    await leases.giveBack();

    await assert.rejects(acquiring, /the run has ended/);
    assert.equal(store.get('a')?.spec.holderIdentity, 'somebody');
  });

  it('are left alone once they are lost', async () => {
    const store = leaseStore();
    const leases = open(store);
    const acquired = await leases.acquire(slotLease('a'), NEVER);
    store.edit(({ spec }) => (spec.holderIdentity = 'somebody'), 'a');
    if (acquired.status === 'Acquired') await assert.rejects(acquired.lease.annotate('key', 'value'));

    await leases.giveBack();

    assert.equal(store.get('a')?.spec.holderIdentity, 'somebody');
  });

  it('may run out when the server does not take them back, which is said', async () => {
    const store = leaseStore();
    const events: RunEvent[] = [];
    const leases = open(store, events);
    await leases.acquire(slotLease('a'), NEVER);
    store.fail('replace', new ClusterError(503, 'ServiceUnavailable', 'the server is away'));

    await leases.giveBack();

    assert.deepEqual(events, [
      { type: 'notice', level: 'warning', message: 'a Lease could not be given back and has to run out: the server is away' },
    ]);
  });
});
