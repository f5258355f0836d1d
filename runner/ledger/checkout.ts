import { mkdir, mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLikelyRead } from '../definition/likely-files.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { PreflightFailed } from '../model/errors.ts';
import { openCommitFiles } from './commit-files.ts';
import type { GitCredentials } from './credentials.ts';
import { duringPreflight } from './explain-access.ts';
import { openGit, type Environment, type Git } from './git.ts';
import { openRemoteTip } from './remote-tip.ts';
import { parseRepository, type RepositoryAddress } from './repository-address.ts';

export type CheckoutOptions = {
  /** URL or path; a path means a local repository, bare or not, as it is committed. */
  repository: string;
  /** Default: the branch that the repository's HEAD names. */
  branch?: string;
  /** Where HEAD names no branch, as CI systems check out, its commit will do, as the branch `HEAD`; else a branch is demanded. */
  detached?: boolean;
  /** A folder for local repositories, created when missing; it belongs to the caller, who removes it. */
  workdir: string;
  credentials?: GitCredentials;
  /** See GitOptions. */
  caFile?: string;
  environment: Environment;
  signal: AbortSignal;
};

/** The definitions as of one commit, which never change. */
export type Checkout = {
  files: RepositoryFiles;
  commit: string;
  branch: string;
  /** Looks at the branch again; the signal is also that of reading a new commit's files. Not to be called again before it has answered. */
  refresh(signal: AbortSignal): Promise<{ commit: string; changed: boolean; files: RepositoryFiles }>;
};

/**
 * Fetches the tip of one branch: one commit, without history, and of its files those that are read (see openCommitFiles).
 * Throws PreflightFailed when the repository or the branch does not exist, or cannot be read; messages never hold credentials.
 */
export async function checkoutDefinitions(options: CheckoutOptions): Promise<Checkout> {
  const { repository, workdir, credentials, caFile, environment, signal } = options;
  const address = parseRepository(repository);
  await requireFolder(address);

  await mkdir(workdir, { recursive: true });
  const folder = await mkdtemp(join(workdir, 'definitions-'));
  const git = openGit({ folder, address, credentials, environment, caFile });
  await git.local(['init', '--quiet', '--bare'], signal);
  const tip = openRemoteTip(git, address.url, { partial: true });
  const source = { git, tip, repository: address.name, isLikely: isLikelyRead };

  const branch = await duringPreflight(address.name, () => findBranch(git, address, options, signal));
  const ref = branch === 'HEAD' ? branch : `refs/heads/${branch}`;
  const fetchBranch = (fetchSignal: AbortSignal) => duringPreflight(address.name, () => tip.fetch(ref, fetchSignal));
  const commit = await fetchBranch(signal);
  const files = await openCommitFiles(commit, source, signal);

  return {
    files,
    commit,
    branch,
    async refresh(refreshSignal) {
      const found = await fetchBranch(refreshSignal);
      if (found === commit) return { commit, changed: false, files };
      // Anew each time, because files are read under the signal that they were opened with.
      return { commit: found, changed: true, files: await openCommitFiles(found, source, refreshSignal) };
    },
  };
}

/** git says of a missing folder only that it is no repository. */
async function requireFolder(address: RepositoryAddress): Promise<void> {
  if (address.transport !== 'file') return;
  const entry = await stat(address.path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new PreflightFailed(`repository ${address.name} cannot be read (${error.code})`, { cause: error });
  });
  if (entry === undefined) throw new PreflightFailed(`repository ${address.name} does not exist`);
  if (!entry.isDirectory()) throw new PreflightFailed(`${address.name} is not a git repository but a file`);
}

async function findBranch(
  git: Git,
  address: RepositoryAddress,
  { branch: wanted, detached = false }: Pick<CheckoutOptions, 'branch' | 'detached'>,
  signal: AbortSignal,
): Promise<string> {
  const refs = await git.remote(['ls-remote', '--symref', '--', address.url, 'HEAD', 'refs/heads/*'], signal);
  const branches = [...refs.matchAll(/^[0-9a-f]+\trefs\/heads\/(.+)$/gm)].map((match) => match[1]!);
  const branch = wanted ?? /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(refs)?.[1];

  if (branch === undefined && detached && /^[0-9a-f]+\tHEAD$/m.test(refs)) return 'HEAD';
  if (branches.length === 0) throw new PreflightFailed(`repository ${address.name} is empty; commit an experiment to it first`);
  if (branch === undefined) {
    throw new PreflightFailed(`repository ${address.name} has no default branch; name one, it has ${listed(branches)}`);
  }
  if (!branches.includes(branch)) {
    throw new PreflightFailed(`repository ${address.name} has no branch ${branch}; it has ${listed(branches)}`);
  }
  return branch;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
