import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import { holdLease } from '../../../runner/slots/held-lease.ts';
import { formatJournal, parseJournal } from '../../../runner/slots/journal-text.ts';
import { openJournal } from '../../../runner/slots/slot-journal.ts';
import { JOURNAL_ANNOTATION } from '../../../runner/slots/slot-lease.ts';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import type { RestorePoint } from '../../../runner/lifecycle/restore-point.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { aLease } from '../../support/a-lease.ts';
import { aRecord } from '../../support/builders.ts';
import { leaseStore, type LeaseStore } from '../../support/lease-store.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { aProgress, aRenderedTrial } from '../../support/trials.ts';

describe("a slot's journal", () => {
  const open = (journal?: Journal) => {
    const store = leaseStore([aLease({ holder: 'we', ...(journal && { annotations: { [JOURNAL_ANNOTATION]: formatJournal(journal) } }) })]);
    const lease = holdLease(store.get()!, { cluster: store.cluster, clock: manualClock(), timing: { duration: 60_000, renewal: 10_000 } });
    return { store, journal: openJournal(lease) };
  };
  const written = (store: LeaseStore) => parseJournal(store.get()?.metadata.annotations?.[JOURNAL_ANNOTATION]);
  const numbers = (records: readonly TrialRecord[]) => records.map(({ spec }) => spec.number);

  it('goes on from what is written on the Lease', () => {
    const { journal } = open({ teardown: { rendered: aRenderedTrial() }, owed: [aRecord({ number: 4 })] });

    assert.equal(journal.current().teardown?.rendered.trial.name, 'sizing-001');
    assert.deepEqual(numbers(journal.current().owed), [4]);
  });

  it('writes a stage before it begins, beside what is still owed', async () => {
    const { store, journal } = open({ owed: [aRecord({ number: 4 })] });

    await journal.checkpoint(aProgress({ stage: 'patch' }));

    assert.equal(written(store).active?.stage, 'patch');
    assert.deepEqual(numbers(written(store).owed), [4]);
  });

  it('writes the record in the same moment in which the trial is no longer active', async () => {
    const { store, journal } = open({ active: aProgress(), owed: [] });

    await journal.reported(aRenderedTrial(), aRecord());

    assert.equal(written(store).active, undefined);
    assert.equal(written(store).teardown?.rendered.trial.name, 'sizing-001');
    assert.deepEqual(numbers(written(store).owed), [1]);
  });

  it('writes that a record is pushed only with the next write, or when it is flushed', async () => {
    const record = aRecord();
    const { store, journal } = open();
    await journal.owe(record);

    journal.pushed(record);
    const before = numbers(written(store).owed);
    await journal.flush();

    assert.deepEqual(before, [1]);
    assert.equal(store.get()?.metadata.annotations?.[JOURNAL_ANNOTATION], undefined);
  });

  it('still owes a record that was completed while its first text was pushed', async () => {
    const record = aRecord();
    const completed: TrialRecord = { ...record, status: { ...record.status, setupDeletion: { status: 'Deleted' } } };
    const { store, journal } = open();
    await journal.owe(record);

    journal.completed(completed);
    journal.pushed(record);
    await journal.flush();

    assert.deepEqual(written(store).owed, [completed]);
  });

  it('forgets a teardown that is done', async () => {
    const { store, journal } = open({ teardown: { rendered: aRenderedTrial() }, owed: [aRecord()] });

    journal.tornDown();
    await journal.flush();

    assert.deepEqual(Object.keys(written(store)), ['owed']);
  });

  describe('of what patches changed', () => {
    const point = (until: 'trial' | 'run'): RestorePoint => ({
      until,
      target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' },
      fields: [{ path: ['data', 'a'], before: '1', ours: ['f'] }],
    });

    it('is written before they do, and goes on through the stages of the trial', async () => {
      const { store, journal } = open();

      await journal.remember([point('trial')]);
      const first = written(store).restore;
      await journal.checkpoint(aProgress({ stage: 'run' }));
      await journal.reported(aRenderedTrial(), aRecord());

      assert.deepEqual([first, written(store).restore], [[point('trial')], [point('trial')]]);
    });

    it('is forgotten when it is too long to be written, so that the record still can be', async () => {
      const { store, journal } = open({ active: aProgress({ stage: 'patch' }), owed: [] });
      store.fail('replace', new ClusterError(422, 'Invalid', 'metadata.annotations: Too long'));

      await assert.rejects(journal.remember([point('trial')]), { reason: 'Invalid' });
      await journal.reported(aRenderedTrial(), aRecord());

      assert.equal(written(store).restore, undefined);
      assert.equal(written(store).owed.length, 1);
    });

    it("keeps what is the run's after the trial, until that is put back too", async () => {
      const { store, journal } = open({ owed: [], restore: [point('trial'), point('run')] });

      journal.tornDown();
      await journal.flush();
      const between = written(store).restore;
      journal.restored();
      await journal.flush();

      assert.deepEqual(between, [point('run')]);
      assert.equal(store.get()?.metadata.annotations?.[JOURNAL_ANNOTATION], undefined);
    });
  });

  it('writes nothing when there is nothing new', async () => {
    const { store, journal } = open({ owed: [aRecord()] });

    await journal.flush();

    assert.equal(store.calls(), 0);
  });
});
