import { GitFailed } from './git-failure.ts';
import type { Git } from './git.ts';
import { objectLines } from './object-lines.ts';

/** The last commit of one branch of a remote, in a local repository without its history. */
export type RemoteTip = {
  /** Fetches the commit that a ref (or a commit's whole id) now names, with all of its folders; resolves with its id. */
  fetch(source: string, signal: AbortSignal): Promise<string>;
  /** Sees to it that these files of a fetched commit can be read, by one request for all that are missing. */
  provide(blobs: readonly string[], signal: AbortSignal): Promise<void>;
};

/**
 * Where `partial`, a commit comes without its files (`--filter=blob:none`), and `provide` fetches those that are wanted. A server that knows
 * no filters sends all files at once; one that sends none by their ids (git 2.26 and older without `uploadpack.allowAnySHA1InWant`)
 * is asked for all of them when the first is wanted. Both verbs reject with GitFailed.
 */
export function openRemoteTip(git: Git, url: string, { partial }: { partial: boolean }): RemoteTip {
  let filters = partial;
  let latest: { source: string; commit: string } | undefined;
  return {
    async fetch(source, signal) {
      const commit = await (filters ? fetchFiltered(source, signal) : fetchWhole(source, { kept: latest === undefined }, signal));
      latest = { source, commit };
      return commit;
    },

    async provide(blobs, signal) {
      const missing = partial ? await missingOf(git, blobs, signal) : [];
      if (missing.length === 0 || latest === undefined) return;
      try {
        await fetchBlobs(missing, signal);
      } catch (error) {
        if (!(error instanceof GitFailed && NOT_BY_ID.test(error.words))) throw error;
        // What is known to be here is not sent again.
        await git.local(['update-ref', '-d', TIP], signal);
        await fetchWhole(latest.source, { kept: true }, signal);
        filters = false;
      }
    },
  };

  /** From a promisor git keeps every pack (fetch-pack.c, `from_promisor`). */
  async function fetchFiltered(source: string, signal: AbortSignal): Promise<string> {
    await git.remote([...promisor(url), ...FETCH, '--depth=1', '--filter=blob:none', '--', REMOTE, `+${source}:${TIP}`], signal);
    return tipCommit(signal);
  }

  /** `kept` packs would pile up if every new commit of a long run left one. */
  async function fetchWhole(source: string, { kept }: { kept: boolean }, signal: AbortSignal): Promise<string> {
    await git.remote([...(kept ? KEEP_PACK : []), ...FETCH, '--depth=1', '--', url, `+${source}:${TIP}`], signal);
    return tipCommit(signal);
  }

  async function tipCommit(signal: AbortSignal): Promise<string> {
    return (await git.local(['rev-parse', '--verify', TIP], signal)).trim();
  }

  /** As git itself fetches what a partial clone lacks (its promisor-remote.c): telling what is here would leave out files of the same commit. */
  async function fetchBlobs(blobs: readonly string[], signal: AbortSignal): Promise<void> {
    const args = [...FETCH, '--no-write-fetch-head', '--recurse-submodules=no', '--filter=blob:none', '--stdin'];
    await git.remote([...promisor(url), '-c', 'fetch.negotiationAlgorithm=noop', ...args, '--', REMOTE], signal, objectLines(blobs));
  }
}

const TIP = 'refs/fieldtrial/tip';
const REMOTE = 'fieldtrial';
const FETCH = ['fetch', '--progress', '--no-tags'];
/** Of a pack that is kept git tells how many bytes it has, of one that is unpacked only how many objects: nothing during a large file. */
const KEEP_PACK = ['-c', 'fetch.unpackLimit=1'];
/** git's client, git's server, and JGit's (Gerrit). */
const NOT_BY_ID = /unadvertised object|not our ref|want \S+ not valid/;

/**
 * That files may be missing is told to the calls that fetch, and to no other: a local command that meets a missing file fails, where
 * git would otherwise go and fetch it by itself, one by one and without our credentials.
 */
function promisor(url: string): string[] {
  const settings = [`remote.${REMOTE}.url=${url}`, `remote.${REMOTE}.promisor=true`, `remote.${REMOTE}.partialCloneFilter=blob:none`];
  // A local repository is served by a git of ours, and filters are off by default.
  if (url.startsWith('file:')) settings.push(`remote.${REMOTE}.uploadpack=git -c uploadpack.allowFilter=true upload-pack`);
  return settings.flatMap((setting) => ['-c', setting]);
}

async function missingOf(git: Git, blobs: readonly string[], signal: AbortSignal): Promise<string[]> {
  if (blobs.length === 0) return [];
  const answer = await git.local(['cat-file', '--batch-check'], signal, objectLines(blobs));
  return [...answer.matchAll(/^(\S+) missing$/gm)].map(([, blob]) => blob!);
}
