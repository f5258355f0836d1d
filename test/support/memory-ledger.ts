import type { Ledger } from '../../runner/ledger/port.ts';
import type { RecordFailed } from '../../runner/model/errors.ts';
import type { TrialRecord } from '../../runner/model/record.ts';

/** What stands on the results branch: by trial, every text that was pushed, the newest last. */
export type RemoteRecords = Map<string, TrialRecord[]>;

export type MemoryLedger = Ledger & {
  /** Pushes fail with this from now on; undefined: they succeed again, at the next flush. */
  refuse(error: RecordFailed | undefined): void;
};

/** A ledger that pushes each record as soon as nothing else is to be done, to a remote that outlives it. */
export function memoryLedger(remote: RemoteRecords = new Map()): MemoryLedger {
  let pending: { record: TrialRecord; resolve: (record: TrialRecord) => void; reject: (error: Error) => void }[] = [];
  let refusal: RecordFailed | undefined;

  async function push(): Promise<void> {
    await Promise.resolve();
    const batch = pending;
    if (refusal !== undefined) {
      for (const { reject } of batch) reject(refusal);
      if (batch.length > 0) throw refusal;
      return;
    }
    pending = [];
    for (const { record, resolve } of batch) {
      const texts = remote.get(record.spec.uid) ?? [];
      if (JSON.stringify(texts.at(-1)) !== JSON.stringify(record)) remote.set(record.spec.uid, [...texts, record]);
      resolve(record);
    }
  }

  return {
    records(experiment) {
      const all = new Map(
        [...[...remote.values()].map((texts) => texts.at(-1)!), ...pending.map(({ record }) => record)].map((record) => [
          record.spec.uid,
          record,
        ]),
      );
      return [...all.values()]
        .filter(({ spec }) => spec.experiment === experiment)
        .toSorted((left, right) => left.spec.number - right.spec.number);
    },
    submit(record) {
      const { promise, resolve, reject } = Promise.withResolvers<TrialRecord>();
      pending.push({ record, resolve, reject });
      push().catch(() => undefined);
      return promise;
    },
    async flush(signal) {
      signal.throwIfAborted();
      await push();
    },
    refuse: (error) => void (refusal = error),
  };
}
