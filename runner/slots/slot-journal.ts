import type { Journal, TrialProgress } from '../lifecycle/trial-progress.ts';
import type { RestorePoint } from '../lifecycle/restore-point.ts';
import type { TrialRecord } from '../model/record.ts';
import type { RenderedTrial } from '../model/trial.ts';
import type { HeldLease } from './held-lease.ts';
import { formatJournal, isEmptyJournal, parseJournal } from './journal-text.ts';
import { JOURNAL_ANNOTATION } from './slot-lease.ts';

/**
 * The write-ahead log of one slot, kept in its Lease. What must survive is written before it is acted on; what only tidies (a push
 * confirmed, a teardown done) waits for the next write, since finding it again costs a look and no harm.
 */
export type SlotJournal = {
  current(): Journal;
  /** A stage begins. */
  checkpoint(progress: TrialProgress): Promise<void>;
  /** The trial is decided: its record is owed to git, its slot to be emptied. */
  reported(rendered: RenderedTrial, record: TrialRecord): Promise<void>;
  /** A trial was decided before its slot was touched. */
  owe(record: TrialRecord): Promise<void>;
  /** What patches are about to change, as it was. */
  remember(points: readonly RestorePoint[]): Promise<void>;
  /** The slot is empty, and what the trial changed is put back. */
  tornDown(): void;
  /** What the run changed is put back. */
  restored(): void;
  /** The teardown's outcome was added to a record, which replaces the one that is owed, if it still is. */
  completed(record: TrialRecord): void;
  /** This record, as it was given, is on the remote. */
  pushed(record: TrialRecord): void;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
};

export function openJournal(lease: HeldLease): SlotJournal {
  let journal = parseJournal(lease.annotations[JOURNAL_ANNOTATION]);
  let written = journal;

  const write = async (next: Journal): Promise<void> => {
    journal = next;
    await lease.annotate(JOURNAL_ANNOTATION, isEmptyJournal(next) ? undefined : formatJournal(next));
    written = next;
  };
  const withRestore = (next: Journal, restore: readonly RestorePoint[] = journal.restore ?? []): Journal => ({
    ...next,
    ...(restore.length > 0 && { restore: [...restore] }),
  });

  return {
    current: () => journal,
    checkpoint: (active) => write(withRestore({ active, owed: journal.owed })),
    reported: (rendered, record) => write(withRestore({ teardown: { rendered }, owed: [...journal.owed, record] })),
    owe: (record) => write({ ...journal, owed: [...journal.owed, record] }),
    async remember(points) {
      const { restore: old = [], ...rest } = journal;
      try {
        await write(withRestore(rest, points));
      } catch (error) {
        // Nothing is changed that is not remembered, and what was too long to be written would stand in the way of all that follows.
        const { restore: _unwritten, ...now } = journal;
        journal = withRestore(now, old);
        throw error;
      }
    },
    tornDown() {
      journal = withRestore(
        { owed: journal.owed },
        journal.restore?.filter(({ until }) => until === 'run'),
      );
    },
    restored() {
      const { restore: _done, ...rest } = journal;
      journal = rest;
    },
    completed(record) {
      journal = { ...journal, owed: [...journal.owed.filter(({ spec }) => spec.uid !== record.spec.uid), record] };
    },
    pushed(record) {
      journal = { ...journal, owed: journal.owed.filter((each) => each !== record) };
    },
    async flush() {
      if (journal !== written) await write(journal);
    },
  };
}
