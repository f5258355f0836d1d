import type { Git } from './git.ts';
import { commitStream, type Author, type NewCommit } from './commit-stream.ts';
import { GitFailed } from './git-failure.ts';
import { parseRecordPath, readRecordFile, type RecordEntry, type RecordFile } from './record-file.ts';

/** The remote's branch, seen from a bare local repository that holds its tip only. */
export type ResultsBranch = {
  /** The remote's tip, with everything needed to read it and to build on it; undefined when there is no such branch. */
  fetch(signal: AbortSignal): Promise<string | undefined>;
  /** The records' files at a tip; those of `known` that did not change are taken from there. */
  recordFiles(tip: string, known: readonly RecordFile[], signal: AbortSignal): Promise<RecordFile[]>;
  /** Makes commits in the local repository; resolves with the last one's id. */
  commit(base: string | undefined, commits: readonly NewCommit[], author: Author, at: Date, signal: AbortSignal): Promise<string>;
  /** Moves the remote's branch forward to a commit; never forced. */
  push(commit: string, signal: AbortSignal): Promise<void>;
  /** Asks the remote whether the login may push there. Hooks and branch protection are not asked (git-push(1), `--dry-run`). */
  tryPush(commit: string, signal: AbortSignal): Promise<void>;
};

/** All verbs reject with GitFailed. `git` works in a bare repository. */
export function openResultsBranch(git: Git, url: string, branch: string): ResultsBranch {
  const ref = `refs/heads/${branch}`;
  return {
    async fetch(signal) {
      try {
        await git.remote(['fetch', '--quiet', '--depth=1', '--no-tags', '--', url, `+${ref}:refs/remote/tip`], signal);
      } catch (error) {
        if (error instanceof GitFailed && error.kind === 'absent') return undefined;
        throw error;
      }
      return (await git.local(['rev-parse', '--verify', 'refs/remote/tip'], signal)).trim();
    },

    async recordFiles(tip, known, signal) {
      const listing = await git.local(['ls-tree', '-r', '-z', tip, '--', 'experiments/'], signal);
      const entries = listing.split('\0').flatMap(recordEntry);
      const read = new Map(known.map((file) => [`${file.blob} ${file.path}`, file]));
      const fresh = entries.filter(({ blob, path }) => !read.has(`${blob} ${path}`));
      for (let at = 0; at < fresh.length; at += READ_AT_ONCE) {
        const part = fresh.slice(at, at + READ_AT_ONCE);
        const texts = readBatch(
          await git.catFile(
            part.map(({ blob }) => blob),
            signal,
          ),
        );
        for (const [index, entry] of part.entries()) read.set(`${entry.blob} ${entry.path}`, readRecordFile(entry, texts[index]!));
      }
      return entries.map(({ blob, path }) => read.get(`${blob} ${path}`)!);
    },

    async commit(base, commits, author, at, signal) {
      const stream = commitStream(base, commits, author, at);
      return (await git.local(['fast-import', '--quiet', '--done', '--date-format=raw'], signal, stream)).trim();
    },

    async push(commit, signal) {
      await git.remote(['push', '--porcelain', '--', url, `${commit}:${ref}`], signal);
    },

    async tryPush(commit, signal) {
      await git.remote(['push', '--dry-run', '--porcelain', '--', url, `${commit}:${ref}`], signal);
    },
  };
}

/** Files; enough that a process more does not count, few enough that their texts do not either. */
const READ_AT_ONCE = 500;

/** `<mode> blob <id>\t<path>` of `git ls-tree`, when the path is a record's. */
function recordEntry(line: string): RecordEntry[] {
  const [, blob, path] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
  const place = path === undefined ? undefined : parseRecordPath(path);
  return blob === undefined || place === undefined ? [] : [{ ...place, blob }];
}

/** The contents in the output of `git cat-file --batch`: `<id> blob <size>\n<content>\n`, again and again. */
function readBatch(output: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at);
    const header = output.toString('latin1', at, end);
    const size = Number(/ blob (\d+)$/.exec(header)?.[1]);
    if (Number.isNaN(size)) throw new GitFailed('other', `git cat-file answered ${header}`);
    texts.push(output.toString('utf8', end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return texts;
}
