import { InvalidInput } from '../model/errors.ts';
import type { TrialRecord } from '../model/record.ts';
import type { RemoteState } from '../model/remote.ts';
import type { RecordFile } from './record-file.ts';
import type { RemoteFile } from './remote-file.ts';

/** What the branch holds at one tip, by experiment. */
export type RecordBook = {
  files: readonly RecordFile[];
  /** Sorted by number. */
  records(experiment: string): readonly TrialRecord[];
  /** A trial's record and its file, by the trial's uid. */
  find(experiment: string, uid: string): { record: TrialRecord; file: RecordFile } | undefined;
  /** Numbers whose file exists, also one that cannot be read. */
  numbers(experiment: string): ReadonlySet<number>;
  remoteFiles: readonly RemoteFile[];
  /** What an experiment's `remote.yaml` says. */
  remote(experiment: string): RemoteState | undefined;
  /** The experiments that have such a file. */
  remotes(): string[];
};

/** A file that is no record is left out, but its number stays taken: it must neither stop a run nor be overwritten. */
export function recordBook(files: readonly RecordFile[], remoteFiles: readonly RemoteFile[] = []): RecordBook {
  const remotes = new Map(remoteFiles.flatMap(({ experiment, state }) => (state === undefined ? [] : [[experiment, state] as const])));
  const shelves = new Map([...Map.groupBy(files, ({ experiment }) => experiment)].map(([experiment, own]) => [experiment, shelf(own)]));
  return {
    files,
    records: (experiment) => shelves.get(experiment)?.records ?? [],
    find: (experiment, uid) => shelves.get(experiment)?.byUid.get(uid),
    numbers: (experiment) => shelves.get(experiment)?.numbers ?? new Set(),
    remoteFiles,
    remote: (experiment) => remotes.get(experiment),
    remotes: () => [...remotes.keys()],
  };
}

function shelf(files: readonly RecordFile[]) {
  const entries = files
    .toSorted((a, b) => a.number - b.number)
    .flatMap((file) => (file.content instanceof InvalidInput ? [] : [{ record: file.content, file }]));
  return {
    records: entries.map(({ record }) => record),
    byUid: new Map(entries.map((entry) => [entry.record.spec.uid, entry])),
    numbers: new Set(files.map(({ number }) => number)),
  };
}
