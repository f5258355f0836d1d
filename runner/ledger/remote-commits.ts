import { dutyOf, remoteUrl, type RemoteLink, type RemoteState } from '../model/remote.ts';
import type { TrialRecord } from '../model/record.ts';
import type { NewCommit } from './commit-stream.ts';
import type { Placement } from './place-records.ts';
import { formatRemote, remotePath } from './remote-file.ts';
import { recordCommits } from './run-commits.ts';
import type { RecordBook } from './record-book.ts';

/** What this run knows of the remote API and the branch may not yet. */
export type RemoteChanges = {
  links: ReadonlyMap<string, RemoteLink>;
  /** Uids of trials whose reports the API has taken. */
  delivered: ReadonlySet<string>;
  run: string;
};

/**
 * The commits of records, each with what it changes in its experiment's `remote.yaml`: a report that is owed is on the branch as soon as
 * its record is. What no record carries along gets a commit of its own.
 */
export function commitsOf(
  placements: readonly Placement[],
  book: Pick<RecordBook, 'records' | 'remote' | 'remotes'>,
  changes: RemoteChanges,
): NewCommit[] {
  const written = new Map<string, string>();
  const states = new Map<string, RemoteState>();
  const current = (experiment: string) => states.get(experiment) ?? withChanges(book.remote(experiment), experiment, changes);

  const change = (experiment: string, state: RemoteState): { path: string; content: string }[] => {
    states.set(experiment, state);
    const before = written.get(experiment) ?? textOf(experiment, book.remote(experiment));
    const content = textOf(experiment, state);
    if (content === before) return [];
    written.set(experiment, content);
    return [{ path: remotePath(experiment), content }];
  };

  const ofRecords = placements.flatMap((placement) => {
    const { experiment } = placement.record.spec;
    return recordCommits(placement, book).map(({ message, files }) => {
      const isNew = placement.status === 'Written' && placement.previous === undefined;
      const state = isNew ? owing(current(experiment), placement.record, changes.delivered) : current(experiment);
      return { message, files: [...files, ...change(experiment, state)] };
    });
  });
  const others = [...new Set([...book.remotes(), ...changes.links.keys()])].flatMap((experiment) => {
    const state = current(experiment);
    const files = change(experiment, state);
    return files.length === 0 ? [] : [{ message: messageOf(experiment, state, book.remote(experiment), changes.run), files }];
  });
  return [...ofRecords, ...others];
}

/** The state with this trial's report added to what is owed, where it owes one. */
export function owing(state: RemoteState, { metadata, spec, status }: TrialRecord, delivered: ReadonlySet<string>): RemoteState {
  const url = remoteUrl(spec.source);
  const { uid } = spec;
  if (url === undefined || dutyOf({ spec, status }) === undefined || delivered.has(uid)) return state;
  return { ...state, owed: [...state.owed.filter((each) => each.uid !== uid), { trial: metadata.name, uid, url }] };
}

/** The branch's state as this run knows it. */
export function withChanges(
  state: RemoteState | undefined,
  experiment: string,
  { links, delivered }: Pick<RemoteChanges, 'links' | 'delivered'>,
): RemoteState {
  const link = links.get(experiment) ?? state?.link;
  return { ...(link && { link }), owed: (state?.owed ?? []).filter(({ uid }) => !delivered.has(uid)) };
}

/** An experiment that has nothing to do with a remote API has no file, and a file that went empty stays. */
function textOf(experiment: string, state: RemoteState | undefined): string {
  return state === undefined || (state.link === undefined && state.owed.length === 0) ? '' : formatRemote(experiment, state);
}

function messageOf(experiment: string, state: RemoteState, before: RemoteState | undefined, run: string): string {
  const reports = (before?.owed.length ?? 0) - state.owed.length;
  const news =
    state.link?.finished !== undefined && before?.link?.finished === undefined
      ? 'the remote API hands out no more trials'
      : reports > 0
        ? `${reports} owed ${reports === 1 ? 'report' : 'reports'} delivered to the remote API`
        : 'known to the remote API';
  return `${experiment}: ${news}\n\nFieldtrial-Experiment: ${experiment}\nFieldtrial-Run: ${run}\n`;
}
