import type { Git } from './git.ts';
import { commitStream, type Author, type NewCommit } from './commit-stream.ts';
import { GitFailed } from './git-failure.ts';
import { parseRemote, parseRemotePath, type RemoteFile } from './remote-file.ts';
import { readBlobs } from './read-blobs.ts';
import { parseRecordPath, readRecordFile, type RecordEntry, type RecordFile } from './record-file.ts';
import { openRemoteTip } from './remote-tip.ts';

/** The remote's branch, seen from a bare local repository that holds its tip only. */
export type ResultsBranch = {
  /** The remote's tip, with everything needed to read it and to build on it; undefined when there is no such branch. */
  fetch(signal: AbortSignal): Promise<string | undefined>;
  /** The runner's files at a tip; those of `known` that did not change are taken from there. */
  files(tip: string, known: KnownFiles, signal: AbortSignal): Promise<{ records: RecordFile[]; remotes: RemoteFile[] }>;
  /** Makes commits in the local repository; resolves with the last one's id. */
  commit(base: string | undefined, commits: readonly NewCommit[], author: Author, at: Date, signal: AbortSignal): Promise<string>;
  /** Moves the remote's branch forward to a commit; never forced. */
  push(commit: string, signal: AbortSignal): Promise<void>;
  /** Asks the remote whether the login may push there. Hooks and branch protection are not asked (git-push(1), `--dry-run`). */
  tryPush(commit: string, signal: AbortSignal): Promise<void>;
};

type KnownFiles = { files: readonly RecordFile[]; remoteFiles: readonly RemoteFile[] };

export type ResultsBranchOptions = {
  /** Every commit is signed. */
  signs?: boolean;
  /** There are other files than the runner's on the branch, which are not fetched. */
  shared?: boolean;
};

/** All verbs reject with GitFailed. `git` works in a bare repository. */
export function openResultsBranch(
  git: Git,
  url: string,
  branch: string,
  { signs = false, shared = false }: ResultsBranchOptions = {},
): ResultsBranch {
  const ref = `refs/heads/${branch}`;
  const remoteTip = openRemoteTip(git, url, { partial: shared });
  return {
    async fetch(signal) {
      try {
        return await remoteTip.fetch(ref, signal);
      } catch (error) {
        if (error instanceof GitFailed && error.kind === 'absent') return undefined;
        throw error;
      }
    },

    async files(tip, known, signal) {
      const listing = await git.local(['ls-tree', '-r', '-z', tip, '--', 'experiments/'], signal);
      const blobs = listing.split('\0').flatMap(blobEntry);
      const [records, remotes] = [
        await readFiles(blobs.flatMap(recordEntry), known.files, readRecordFile, signal),
        await readFiles(blobs.flatMap(remoteEntry), known.remoteFiles, (entry, text) => ({ ...entry, state: parseRemote(text) }), signal),
      ];
      return { records, remotes };
    },

    async commit(base, commits, author, at, signal) {
      const stream = commitStream(base, commits, author, at);
      const tip = (await git.local(['fast-import', '--quiet', '--done', '--date-format=raw'], signal, stream)).trim();
      return signs ? signCommits(tip, { base, commits, author, at }, git, signal) : tip;
    },

    async push(commit, signal) {
      await git.remote(['push', '--progress', '--porcelain', '--', url, `${commit}:${ref}`], signal);
    },

    async tryPush(commit, signal) {
      await git.remote(['push', '--dry-run', '--porcelain', '--', url, `${commit}:${ref}`], signal);
    },
  };

  /** Those of `known` are not read again. */
  async function readFiles<Entry extends BlobEntry, File extends BlobEntry>(
    entries: readonly Entry[],
    known: readonly File[],
    read: (entry: Entry, text: string) => File,
    signal: AbortSignal,
  ): Promise<File[]> {
    const files = new Map(known.map((file) => [`${file.blob} ${file.path}`, file]));
    const fresh = entries.filter(({ blob, path }) => !files.has(`${blob} ${path}`));
    const ids = fresh.map(({ blob }) => blob);
    await remoteTip.provide(ids, signal);
    const contents = await readBlobs(git, ids, signal);
    for (const [index, entry] of fresh.entries()) files.set(`${entry.blob} ${entry.path}`, read(entry, contents[index]!.toString('utf8')));
    return entries.map(({ blob, path }) => files.get(`${blob} ${path}`)!);
  }
}

type BlobEntry = { path: string; blob: string };

/** fast-import signs nothing, so its commits are made once more, each with a signature, on top of each other. */
async function signCommits(
  tip: string,
  { base, commits, author, at }: { base: string | undefined; commits: readonly NewCommit[]; author: Author; at: Date },
  git: Git,
  signal: AbortSignal,
): Promise<string> {
  const listing = await git.local(['log', '--reverse', '--format=%T', tip, ...(base === undefined ? [] : [`^${base}`])], signal);
  const trees = listing.trim().split('\n');
  let parent = base;
  for (const [index, { message }] of commits.entries())
    parent = await git.sign({ tree: trees[index]!, parent, message, author, at }, signal);
  return parent ?? tip;
}

/** `<mode> blob <id>\t<path>` of `git ls-tree`. */
function blobEntry(line: string): BlobEntry[] {
  const [, blob, path] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
  return blob === undefined || path === undefined ? [] : [{ path, blob }];
}

function recordEntry({ path, blob }: BlobEntry): RecordEntry[] {
  const place = parseRecordPath(path);
  return place === undefined ? [] : [{ ...place, blob }];
}

function remoteEntry({ path, blob }: BlobEntry): (BlobEntry & { experiment: string })[] {
  const experiment = parseRemotePath(path);
  return experiment === undefined ? [] : [{ path, blob, experiment }];
}
