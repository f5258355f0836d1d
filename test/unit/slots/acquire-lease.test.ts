import assert from 'node:assert/strict';
import { acquireLease, type SeenLease } from '../../../runner/slots/acquire-lease.ts';
import { slotLease } from '../../../runner/slots/slot-lease.ts';
import { aLease } from '../../support/a-lease.ts';
import { leaseStore, type LeaseStore } from '../../support/lease-store.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const TIMING = { duration: 60_000, renewal: 10_000 };
const NEVER = new AbortController().signal;

describe('acquiring a Lease', () => {
  let clock: ManualClock;

  beforeEach(() => {
    clock = manualClock('2026-01-01T00:00:00.000Z');
  });

  const acquire = (store: LeaseStore, holder: string, seen?: SeenLease, signal = NEVER) =>
    acquireLease(slotLease('shop'), holder, { cluster: store.cluster, clock, timing: TIMING, seen }, signal);

  it('creates one where there is none', async () => {
    const store = leaseStore();

    const { status } = await acquire(store, 'we');

    assert.equal(status, 'Acquired');
    assert.deepEqual(store.get()?.spec, {
      holderIdentity: 'we',
      leaseDurationSeconds: 60,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('takes one that nobody holds at once and keeps what is written on it', async () => {
    const store = leaseStore([aLease({ annotations: { journal: 'one' } })]);

    const acquisition = await acquire(store, 'we');

    assert.equal(acquisition.status === 'Acquired' && acquisition.lease.annotations['journal'], 'one');
    assert.equal(store.get()?.metadata.annotations?.['journal'], 'one');
    assert.equal(store.get()?.spec.leaseTransitions, 1);
  });

  it('says who holds one that is renewed', async () => {
    const store = leaseStore([aLease({ holder: 'somebody' })]);
    const acquiring = acquire(store, 'we');

    await clock.advance(9_000);
    store.edit(({ spec }) => (spec.renewTime = '2026-01-01T00:00:09.000000Z'));
    await clock.advance(1_000);

    assert.deepEqual(await acquiring, { status: 'Held', by: 'somebody' });
  });

  it('takes over one whose holder is silent for its duration, however old its last renewal is', async () => {
    const store = leaseStore([aLease({ holder: 'somebody', renewTime: '2020-01-01T00:00:00.000000Z' })]);
    const acquiring = acquire(store, 'we');

    await clock.advance(59_000);
    const before = store.get()?.spec.holderIdentity;
    const { status } = await whileTimePasses(acquiring, clock);

    assert.equal(before, 'somebody');
    assert.equal(status, 'Acquired');
    assert.equal(store.get()?.spec.holderIdentity, 'we');
  });

  it('counts the silence from when somebody looked before', async () => {
    const store = leaseStore([aLease({ holder: 'somebody' })]);
    const seen = { resourceVersion: store.get()?.metadata.resourceVersion, at: clock.now().getTime() };
    await clock.advance(60_000);

    const { status } = await acquire(store, 'we', seen);

    assert.equal(status, 'Acquired');
  });

  it('counts anew when it was renewed since', async () => {
    const store = leaseStore([aLease({ holder: 'somebody' })]);
    const seen = { resourceVersion: 'another', at: clock.now().getTime() };
    await clock.advance(60_000);

    const acquiring = acquire(store, 'we', seen);
    await clock.advance(59_000);

    assert.equal(store.get()?.spec.holderIdentity, 'somebody');
    await whileTimePasses(acquiring, clock);
  });

  it('takes one that its holder gives back meanwhile', async () => {
    const store = leaseStore([aLease({ holder: 'somebody' })]);
    const acquiring = acquire(store, 'we');

    await clock.advance(3_000);
    store.edit(({ spec }) => (spec.holderIdentity = ''));
    await clock.advance(1_000);

    assert.equal((await acquiring).status, 'Acquired');
  });

  it('gives it to one of two who ask at once', async () => {
    const store = leaseStore();

    const both = await whileTimePasses(Promise.all([acquire(store, 'one'), acquire(store, 'other')]), clock);

    const holder = store.get()?.spec.holderIdentity;
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['Acquired', 'Held']);
    assert.deepEqual(
      both.find(({ status }) => status === 'Held'),
      { status: 'Held', by: holder },
    );
  });

  it('gives it to one of two who wait for a silent holder', async () => {
    const store = leaseStore([aLease({ holder: 'somebody' })]);

    const both = await whileTimePasses(Promise.all([acquire(store, 'one'), acquire(store, 'other')]), clock);

    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['Acquired', 'Held']);
  });

  it('stops waiting when the run ends', async () => {
    const store = leaseStore([aLease({ holder: 'somebody' })]);
    const ending = new AbortController();
    const acquiring = acquire(store, 'we', undefined, ending.signal);

    await clock.advance(3_000);
    ending.abort(new Error('ended'));

    await assert.rejects(acquiring, /^Error: ended$/);
    assert.equal(store.get()?.spec.holderIdentity, 'somebody');
  });
});
