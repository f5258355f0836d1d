import assert from 'node:assert/strict';
import { holdLease } from '../../../runner/slots/held-lease.ts';
import { formatJournal } from '../../../runner/slots/journal-text.ts';
import { openJournal } from '../../../runner/slots/slot-journal.ts';
import { JOURNAL_ANNOTATION } from '../../../runner/slots/slot-lease.ts';
import { trialsUnderWay } from '../../../runner/slots/trials-under-way.ts';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import { aLease } from '../../support/a-lease.ts';
import { aRecord } from '../../support/builders.ts';
import { leaseStore } from '../../support/lease-store.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { aProgress, aRenderedTrial, aTrial } from '../../support/trials.ts';

describe('the trials under way', () => {
  const clock = manualClock();
  const inSlot = (slot: string, journal: Journal) => aLease({ slot, annotations: { [JOURNAL_ANNOTATION]: formatJournal(journal) } });
  const found = async (ours: string[], all: string[], leases: ReturnType<typeof aLease>[]) => {
    const store = leaseStore(leases);
    const slots = ours.map((name) => {
      const lease = holdLease(store.get(name)!, { cluster: store.cluster, clock, timing: { duration: 60_000, renewal: 10_000 } });
      lease.abandon();
      return { name, lease, journal: openJournal(lease) };
    });
    const trials = await trialsUnderWay(slots, all, { cluster: store.cluster, clock }, AbortSignal.timeout(5_000));
    return trials.map(({ experiment, number, slot }) => `${slot}: ${experiment} ${number}`);
  };

  it('are those that our journals and those of others tell of', async () => {
    const progress = (slot: string, number: number) => aProgress({ rendered: aRenderedTrial({ trial: aTrial({ slot, number }) }) });

    const trials = await found(
      ['a'],
      ['a', 'b', 'c'],
      [inSlot('a', { active: progress('a', 3), owed: [] }), inSlot('b', { active: progress('b', 4), owed: [] })],
    );

    assert.deepEqual(trials, ['a: sizing 3', 'b: sizing 4']);
  });

  it('are also those whose record nobody has pushed yet', async () => {
    const trials = await found([], ['b'], [inSlot('b', { owed: [aRecord({ number: 7, slot: 'b' })] })]);

    assert.deepEqual(trials, ['b: sizing 7']);
  });
});
