import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkDefinitions, type CheckedDefinitions } from '../check-definitions.ts';
import type { Settings } from '../definition/load-settings.ts';
import { loadRepository } from '../definition/load-repository.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { checkoutDefinitions, type Checkout, type CheckoutOptions } from '../ledger/checkout.ts';
import { checkoutRevision } from '../ledger/checkout-revision.ts';
import { openLedger, type OpenLedger } from '../ledger/open-ledger.ts';
import type { RemoteLink } from '../model/remote.ts';
import { findRoot } from './find-root.ts';
import { gitCredentials, gitSecrets, type GitFlags } from './git-credentials.ts';
import type { CommandContext } from './command-context.ts';

export type ReadRepository = CheckedDefinitions & {
  commit: string;
  settings: Settings;
  records: OpenLedger['records'];
  remoteLink(experiment: string): RemoteLink | undefined;
};

/**
 * Hands definitions as they are committed (a detached HEAD will do), and the records of their results branch, to a command that only
 * reads; the checkout is gone afterwards.
 */
export function readRepository<Result>(
  given: string | undefined,
  image: string,
  flags: GitFlags,
  context: CommandContext,
  use: (repository: ReadRepository) => Promise<Result>,
): Promise<Result> {
  return inWorkdir(given, flags, context, async (git) => {
    const checkout = await checkoutDefinitions({ ...git, detached: true, ...(flags.branch !== undefined && { branch: flags.branch }) });
    return use(await readRecords(checkout, image, git));
  });
}

/**
 * The same for what a branch changes: the definitions of HEAD, or of `--branch`, and those of the commit where it left `base`. A detached
 * HEAD will do, as CI checks pull requests out.
 */
export function readChange<Result>(
  given: string | undefined,
  base: string,
  image: string,
  flags: GitFlags,
  context: CommandContext,
  use: (before: CheckedDefinitions & Pick<ReadRepository, 'commit' | 'settings'>, after: ReadRepository) => Promise<Result>,
): Promise<Result> {
  return inWorkdir(given, flags, context, async (git) => {
    const head = await checkoutRevision({ ...git, revision: flags.branch ?? 'HEAD' });
    const left = await checkoutRevision({ ...git, revision: base, commonWith: head.commit });
    const { definitions, loaded } = await readDefinitions(left.files, image);
    const after = await readRecords({ ...head, branch: flags.branch ?? head.branch ?? 'HEAD' }, image, git);
    return use({ ...definitions, commit: left.commit, settings: loaded.settings }, after);
  });
}

type GitPlace = Omit<CheckoutOptions, 'branch' | 'detached'>;

async function inWorkdir<Result>(
  given: string | undefined,
  flags: GitFlags,
  { output, environment, cwd, signal }: CommandContext,
  use: (git: GitPlace) => Promise<Result>,
): Promise<Result> {
  const repository = locateRepository(given, cwd);
  output.hide(gitSecrets(repository, environment));
  const credentials = gitCredentials(flags, environment, cwd);
  const workdir = await mkdtemp(join(tmpdir(), 'fieldtrial-'));
  try {
    return await use({ repository, environment, ...(credentials && { credentials }), ...authority(flags, cwd), workdir, signal });
  } finally {
    await rm(workdir, { recursive: true, force: true });
  }
}

function authority({ gitCaFile }: GitFlags, cwd: string): Pick<CheckoutOptions, 'caFile'> {
  return gitCaFile === undefined ? {} : { caFile: resolve(cwd, gitCaFile) };
}

async function readDefinitions(files: RepositoryFiles, image: string) {
  const loaded = await loadRepository(files);
  return { loaded, definitions: await checkDefinitions(loaded, files, image) };
}

async function readRecords(
  { files, commit, branch }: Pick<Checkout, 'files' | 'commit' | 'branch'>,
  image: string,
  { signal, ...git }: GitPlace,
): Promise<ReadRepository> {
  const { loaded, definitions } = await readDefinitions(files, image);
  const { resultsBranch, author } = loaded.settings;
  const ledger = await openLedger(
    { ...git, branch: resultsBranch, definitionsBranch: branch, author, run: 'read', version: '', emit: () => undefined },
    signal,
  );
  const records = new Map(loaded.experiments.map(({ name }) => [name, ledger.records(name)]));
  const links = new Map(loaded.experiments.map(({ name }) => [name, ledger.remote.state(name).link]));
  await ledger.close();
  return {
    ...definitions,
    commit,
    settings: loaded.settings,
    records: (name) => records.get(name) ?? [],
    remoteLink: (name) => links.get(name),
  };
}

/** A URL as it is, a path from the current folder; by default the repository that the current folder lies in. */
export function locateRepository(given: string | undefined, cwd: string): string {
  if (given === undefined) return findRoot(cwd);
  return /^[a-z][a-z0-9+.-]*:\/\/|^[^/]+@[^/]+:/.test(given) ? given : resolve(cwd, given);
}
