import type { TrialRecord } from '../model/record.ts';

/**
 * The single writer of the results branch. Records are committed one per trial in the order given and pushed in batches;
 * when somebody pushed meanwhile they are applied again on the new tip, and a number taken meanwhile gives ours a new one.
 */
export type Ledger = {
  /** The records at the branch's tip that this run fetched, plus those submitted since; sorted by number. */
  records(experiment: string): readonly TrialRecord[];
  /**
   * Takes a record; resolves, once it is on the remote, with the record as it was pushed (its number may have changed).
   * A record that is already there with the same uid and content is pushed already; one with the same uid and other content (the
   * teardown's outcome was added) replaces it under the number it has. Rejects with RecordFailed; the record stays pending then, and
   * goes with the next push that succeeds.
   */
  submit(record: TrialRecord): Promise<TrialRecord>;
  /** Pushes what is pending at once. Throws RecordFailed when something could not be pushed before the signal's deadline. */
  flush(signal: AbortSignal): Promise<void>;
};
