import type { Ledger } from '../ledger/port.ts';
import { RecordFailed } from '../model/errors.ts';
import type { TrialRecord } from '../model/record.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { Slot } from './slot.ts';

/** The records of one slot on their way to git. */
export type Submissions = {
  submit(record: TrialRecord): void;
  /** Waits until everything submitted is pushed or refused; what was refused. */
  settle(signal: AbortSignal): Promise<RecordFailed[]>;
};

/** What is pushed is noted in the slot's journal, which keeps the rest. */
export function openSubmissions({ journal }: Pick<Slot, 'journal'>, ledger: Ledger): Submissions {
  let pending: Promise<void>[] = [];
  const refused = new Map<TrialRecord, RecordFailed>();
  return {
    submit(record) {
      const pushed = ledger.submit(record).then(
        () => journal.pushed(record),
        (error: unknown) => {
          if (!(error instanceof RecordFailed)) throw error;
          refused.set(record, error);
        },
      );
      // Looked at in settle(); until then a rejection is not unhandled.
      pushed.catch(() => undefined);
      pending.push(pushed);
    },
    async settle(signal) {
      const isFlushed = await ledger.flush(signal).then(
        () => true,
        (error: unknown) => {
          if (error instanceof RecordFailed) return false;
          throw error;
        },
      );
      signal.throwIfAborted();
      await unlessAborted(Promise.all(pending), signal);
      pending = [];
      if (isFlushed) {
        // What was refused before went with this push.
        for (const record of refused.keys()) journal.pushed(record);
        refused.clear();
      }
      return [...refused.values()];
    },
  };
}
