import type { Clock } from '../clock.ts';
import { InvalidInput } from '../model/errors.ts';
import type { Emit } from '../progress/events.ts';
import { branchReadme } from './branch-readme.ts';
import type { Author, NewCommit } from './commit-stream.ts';
import { GitFailed } from './git-failure.ts';
import { landCommits } from './land-commits.ts';
import { recordBook, type RecordBook } from './record-book.ts';
import { parseRemote, parseRemotePath, type RemoteFile } from './remote-file.ts';
import { blobOf, parseRecordPath, readRecordFile, type RecordFile } from './record-file.ts';
import type { ResultsBranch } from './results-branch.ts';

export type BranchWriterOptions = {
  /** For messages. */
  repository: string;
  branch: string;
  /** Whether the runner makes the branch when the remote has none. */
  mayCreate: boolean;
  author: Author;
  clock: Clock;
  emit: Emit;
  /** Milliseconds. */
  retryFor: number;
  random: () => number;
};

/** The branch as of the tip that was last seen, and the way to put commits on it; one call at a time. */
export type BranchWriter = {
  book(): RecordBook;
  /**
   * Makes the commits that `plan` finds necessary on a tip, and pushes them; both again on the new tip when somebody pushed meanwhile.
   * Resolves with the tip. Rejects with RecordFailed.
   */
  land(plan: (book: RecordBook) => readonly NewCommit[], signal: AbortSignal): Promise<string | undefined>;
  /** Makes commits and asks whether they might be pushed. Rejects with GitFailed. */
  tryPush(commits: readonly NewCommit[], signal: AbortSignal): Promise<void>;
};

/** Reads the branch once. Rejects with GitFailed. */
export async function openBranchWriter(remote: ResultsBranch, options: BranchWriterOptions, signal: AbortSignal): Promise<BranchWriter> {
  const { branch, mayCreate, author, clock, emit } = options;
  let { tip, book } = await readTip(recordBook([]), signal);

  return {
    book: () => book,

    async land(plan, landSignal) {
      await landCommits(
        async (again, attemptSignal) => {
          if (again) ({ tip, book } = await readTip(book, attemptSignal));
          const commits = plan(book);
          if (commits.length === 0) return;
          const commit = await makeCommits(commits, attemptSignal);
          await remote.push(commit, attemptSignal);
          tip = commit;
          book = recordBook(withWritten(book.files, commits, commit), withWrittenRemotes(book.remoteFiles, commits, commit));
        },
        options,
        landSignal,
      );
      return tip;
    },

    async tryPush(commits, trySignal) {
      await remote.tryPush(await makeCommits(commits, trySignal), trySignal);
    },
  };

  async function readTip(known: RecordBook, readSignal: AbortSignal): Promise<{ tip: string | undefined; book: RecordBook }> {
    const found = await remote.fetch(readSignal);
    if (found === undefined) return { tip: found, book: recordBook([]) };
    const { records, remotes } = await remote.files(found, known, readSignal);
    warnOfOthers(records, known.files);
    warnOfUnreadable(remotes, known.remoteFiles);
    return { tip: found, book: recordBook(records, remotes) };
  }

  function warnOfUnreadable(remotes: readonly RemoteFile[], known: readonly RemoteFile[]): void {
    for (const file of remotes) {
      if (file.state !== undefined || known.includes(file)) continue;
      const message = `${branch} holds ${file.path}, which the runner did not write; what it says does not count, and it is written anew`;
      emit({ type: 'notice', level: 'warning', message });
    }
  }

  function warnOfOthers(files: readonly RecordFile[], known: readonly RecordFile[]): void {
    for (const file of files) {
      const { content } = file;
      if (!(content instanceof InvalidInput) || known.includes(file)) continue;
      const message = `${branch} holds a file that is not a record and does not count: ${content.message}`;
      emit({ type: 'notice', level: 'warning', message });
    }
  }

  async function makeCommits(commits: readonly NewCommit[], commitSignal: AbortSignal): Promise<string> {
    if (tip === undefined && !mayCreate) throw new GitFailed('absent', `there is no branch ${branch}`);
    const all = tip === undefined ? [firstCommit(branch), ...commits] : commits;
    return remote.commit(tip, all, author, clock.now(), commitSignal);
  }
}

/** What the branch holds once these commits are on it. Not read back: two git processes more at every push cost the runner more than the push. */
function withWritten(known: readonly RecordFile[], commits: readonly NewCommit[], tip: string): RecordFile[] {
  const files = new Map(known.map((file) => [file.path, file]));
  for (const { path, content } of commits.flatMap((commit) => commit.files)) {
    const place = parseRecordPath(path);
    if (place !== undefined) files.set(path, readRecordFile({ ...place, blob: blobOf(content, tip) }, content));
  }
  return [...files.values()];
}

function withWrittenRemotes(known: readonly RemoteFile[], commits: readonly NewCommit[], tip: string): RemoteFile[] {
  const files = new Map(known.map((file) => [file.path, file]));
  for (const { path, content } of commits.flatMap((commit) => commit.files)) {
    const experiment = parseRemotePath(path);
    if (experiment !== undefined) files.set(path, { path, experiment, blob: blobOf(content, tip), state: parseRemote(content) });
  }
  return [...files.values()];
}

function firstCommit(branch: string): NewCommit {
  return { message: `Create ${branch}\n`, files: [{ path: 'README.md', content: branchReadme(branch) }] };
}
