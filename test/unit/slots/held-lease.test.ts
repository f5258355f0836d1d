import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { holdLease, LeaseLost } from '../../../runner/slots/held-lease.ts';
import { aLease } from '../../support/a-lease.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { leaseStore, type LeaseStore } from '../../support/lease-store.ts';

const TIMING = { duration: 60_000, renewal: 10_000 };
const AWAY = new ClusterError(0, 'Unreachable', 'no answer');

describe('a Lease that we hold', () => {
  let clock: ManualClock;
  let store: LeaseStore;

  beforeEach(() => {
    clock = manualClock();
    store = leaseStore([aLease({ holder: 'we', renewTime: '2026-01-01T00:00:00.000000Z' })]);
  });

  const hold = () => holdLease(store.get()!, { cluster: store.cluster, clock, timing: TIMING });
  const stored = (): KubeObject => store.get()!;

  it('is renewed until it is released', async () => {
    const lease = hold();

    await clock.advance(30_000);
    const renewed = stored();
    await lease.release();
    await clock.advance(300_000);

    assert.equal(renewed.spec.renewTime, '2026-01-01T00:00:30.000000Z');
    assert.equal(stored().spec.holderIdentity, '');
    assert.equal(stored().spec.renewTime, '2026-01-01T00:00:30.000000Z');
    assert.equal(lease.lost.aborted, false);
  });

  it('writes annotations and labels, and removes them', async () => {
    const lease = hold();

    await lease.annotate('journal', 'one');
    await lease.label('quarantined', 'SetupJobFailed');
    await lease.annotate('journal', undefined);

    assert.deepEqual(stored().metadata.annotations, {});
    assert.equal(stored().metadata.labels?.['quarantined'], 'SetupJobFailed');
  });

  it('is lost when somebody else took it, and says who', async () => {
    const lease = hold();
    store.edit(({ spec }) => (spec.holderIdentity = 'somebody'));

    const writing = lease.annotate('journal', 'one');

    await assert.rejects(
      writing,
      (error: Error) => error instanceof LeaseLost && error.message === 'Lease shop/fieldtrial-slot was taken over by somebody',
    );
    assert.equal(lease.lost.aborted, true);
    assert.equal(stored().metadata.annotations, undefined);
  });

  it('is lost when somebody took it and gave it back meanwhile', async () => {
    const lease = hold();
    store.edit(({ spec }) => Object.assign(spec, { holderIdentity: 'we', leaseTransitions: 2 }));

    await clock.advance(10_000);

    assert.ok(lease.lost.reason instanceof LeaseLost);
  });

  it('is lost when it was deleted', async () => {
    const lease = hold();
    store.delete();

    await assert.rejects(lease.annotate('journal', 'one'), /Lease shop\/fieldtrial-slot was deleted/);
    assert.equal(lease.lost.aborted, true);
  });

  it('keeps what somebody else changed on it without taking it', async () => {
    const lease = hold();
    store.edit(({ metadata }) => (metadata.labels = { note: 'look here' }));

    await lease.annotate('journal', 'one');

    assert.deepEqual([stored().metadata.labels, stored().metadata.annotations], [{ note: 'look here' }, { journal: 'one' }]);
  });

  it('goes on after a write whose answer was lost', async () => {
    const lease = hold();
    store.fail('replace', AWAY, 'after');

    await assert.rejects(lease.annotate('journal', 'one'), AWAY);
    await lease.annotate('journal', 'two');

    assert.equal(stored().metadata.annotations?.['journal'], 'two');
    assert.equal(lease.lost.aborted, false);
  });

  it('outlasts a server that is away for less than its duration', async () => {
    const lease = hold();
    const away = store.silence();

    await clock.advance(55_000);
    away.answer();
    await clock.advance(55_000);

    assert.equal(lease.lost.aborted, false);
    assert.equal(stored().spec.renewTime, '2026-01-01T00:01:45.000000Z');
  });

  it('is lost once it could not be renewed for its duration, even while a renewal still waits for its answer', async () => {
    const lease = hold();
    store.silence();

    await clock.advance(59_999);
    const before = lease.lost.aborted;
    await clock.advance(1);

    assert.equal(before, false);
    assert.equal((lease.lost.reason as Error).message, 'Lease shop/fieldtrial-slot could not be renewed for 1m');
  });

  it('is lost at once when the server refuses to renew it', async () => {
    const lease = hold();
    store.fail('replace', new ClusterError(403, 'Forbidden', 'leases is forbidden'));

    await clock.advance(10_000);

    assert.match((lease.lost.reason as Error).message, /could not be renewed: leases is forbidden/);
  });

  it('writes nothing more once it is lost', async () => {
    const lease = hold();
    store.edit(({ spec }) => (spec.holderIdentity = 'somebody'));
    await clock.advance(10_000);
    const calls = store.calls();

    await assert.rejects(lease.label('quarantined', 'SetupJobFailed'), LeaseLost);
    await assert.rejects(lease.release(), LeaseLost);

    assert.equal(store.calls(), calls);
  });

  it('is silent once it is abandoned', async () => {
    const lease = hold();

    lease.abandon();
    await clock.advance(300_000);

    assert.equal(store.calls(), 0);
    assert.equal(lease.lost.aborted, false);
  });
});
