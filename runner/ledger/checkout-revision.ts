import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { isLikelyRead } from '../definition/likely-files.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { PreflightFailed } from '../model/errors.ts';
import type { CheckoutOptions } from './checkout.ts';
import { openCommitFiles } from './commit-files.ts';
import { duringPreflight } from './explain-access.ts';
import { GitFailed } from './git-failure.ts';
import { openGit, type Git } from './git.ts';
import { openRemoteTip } from './remote-tip.ts';
import { parseRepository, type RepositoryAddress } from './repository-address.ts';

export type RevisionOptions = Omit<CheckoutOptions, 'branch'> & {
  /** A branch, tag or commit; in a local repository whatever `git rev-parse` reads, such as `origin/main` or `HEAD~2`. */
  revision: string;
  /** Take what both have in common instead, where the repository knows it: what went on in `revision` since is no change of ours. */
  commonWith?: string;
};

/**
 * One commit's files; like a checkout, but of anything that has a name, also where HEAD is detached.
 * `branch` is the one that the revision names, or that HEAD is. Throws PreflightFailed when there is no such revision.
 */
export async function checkoutRevision(
  options: RevisionOptions,
): Promise<{ files: RepositoryFiles; commit: string; branch: string | undefined }> {
  const { repository, workdir, credentials, caFile, environment, revision, commonWith, signal } = options;
  const address = parseRepository(repository);
  await mkdir(workdir, { recursive: true });
  const folder = await mkdtemp(join(workdir, 'revision-'));
  const git = openGit({ folder, address, credentials, environment, caFile });
  await git.local(['init', '--quiet', '--bare'], signal);
  const tip = openRemoteTip(git, address.url, { partial: true });

  const there = address.transport === 'file' ? openGit({ folder: address.path, address, credentials: undefined, environment }) : undefined;
  const { commit, branch } = await duringPreflight(address.name, async () => {
    const named =
      there === undefined ? await findRemotely(git, address, revision, signal) : await findLocally(there, address, revision, signal);
    const common = there === undefined || commonWith === undefined ? undefined : await mergeBase(there, named.commit, commonWith, signal);
    return { ...named, commit: await tip.fetch(common ?? named.commit, signal) };
  });
  const files = await openCommitFiles(commit, { git, tip, repository: address.name, isLikely: isLikelyRead }, signal);
  return { files, commit, branch };
}

type Named = { commit: string; branch: string | undefined };

async function findLocally(there: Git, { name }: RepositoryAddress, revision: string, signal: AbortSignal): Promise<Named> {
  try {
    const commit = await there.local(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`], signal);
    return { commit: commit.trim(), branch: await branchOf(there, revision, signal) };
  } catch (cause) {
    if (!(cause instanceof GitFailed)) throw cause;
    throw new PreflightFailed(
      `repository ${name} has no revision "${revision}"; fetch it first (git fetch origin ${revision.replace(/^origin\//, '')}), or name another one`,
      { cause },
    );
  }
}

/** A commit as it is; else the branch of that name before the tag, as people mean branches. */
async function findRemotely(git: Git, { url, name }: RepositoryAddress, revision: string, signal: AbortSignal): Promise<Named> {
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision)) return { commit: revision, branch: undefined };
  const wanted = [revision, `refs/heads/${revision}`, `refs/tags/${revision}^{}`, `refs/tags/${revision}`];
  const listing = await git.remote(['ls-remote', '--symref', '--', url, ...wanted], signal);
  const refs = new Map([...listing.matchAll(/^([0-9a-f]+)\t(.+)$/gm)].map(([, id, ref]) => [ref!, id!]));
  const ref = wanted.find((each) => refs.has(each));
  if (ref !== undefined) {
    const symbolic = [...listing.matchAll(/^ref: (.+)\t(.+)$/gm)].find(([, , name]) => name === ref)?.[1];
    return { commit: refs.get(ref)!, branch: branchName(symbolic ?? ref) };
  }
  throw new PreflightFailed(`repository ${name} has no branch, tag or whole commit id "${revision}"`);
}

function branchName(ref: string): string | undefined {
  return /^refs\/heads\/(.+)$/.exec(ref)?.[1];
}

/** undefined where a shallow history does not reach that far. */
async function mergeBase(there: Git, commit: string, other: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await there.local(['merge-base', '--', commit, other], signal)).trim() || undefined;
  } catch (error) {
    if (error instanceof GitFailed) return undefined;
    throw error;
  }
}

async function branchOf(there: Git, revision: string, signal: AbortSignal): Promise<string | undefined> {
  const name = (await there.local(['rev-parse', '--abbrev-ref', '--end-of-options', revision], signal)).trim();
  return name === '' || name === 'HEAD' ? undefined : name;
}
