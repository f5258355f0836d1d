import { owing, withChanges } from '../../runner/ledger/remote-commits.ts';
import type { RemoteLedger } from '../../runner/ledger/open-ledger.ts';
import type { RemoteLink, RemoteState } from '../../runner/model/remote.ts';
import { memoryLedger, type MemoryLedger, type RemoteRecords } from './memory-ledger.ts';

/** The `remote.yaml` of each experiment, as it stands on the results branch. */
export type RemoteStates = Map<string, RemoteState>;

/** A memory ledger that writes `remote.yaml` with each record and at each flush, as the real one does. */
export function memoryRemoteLedger(records: RemoteRecords, states: RemoteStates): MemoryLedger & { remote: RemoteLedger } {
  const ledger = memoryLedger(records);
  const links = new Map<string, RemoteLink>();
  const delivered = new Set<string>();
  const current = (experiment: string) => withChanges(states.get(experiment), experiment, { links, delivered });
  const writeAll = () => {
    for (const experiment of new Set([...states.keys(), ...links.keys()])) states.set(experiment, current(experiment));
  };

  return {
    ...ledger,
    async submit(record) {
      const isNew = !records.has(record.spec.uid);
      const pushed = await ledger.submit(record);
      // One commit holds both.
      writeAll();
      if (isNew) states.set(record.spec.experiment, owing(current(record.spec.experiment), record, delivered));
      return pushed;
    },
    async flush(signal) {
      await ledger.flush(signal);
      writeAll();
    },
    remote: {
      state: current,
      owing: () => [...states].flatMap(([experiment, { owed }]) => (owed.length > 0 ? [experiment] : [])),
      link: (experiment, link) => void links.set(experiment, link),
      delivered: (uid) => void delivered.add(uid),
    },
  };
}
