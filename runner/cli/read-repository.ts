import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkDefinitions, type CheckedDefinitions } from '../check-definitions.ts';
import { loadRepository } from '../definition/load-repository.ts';
import { openRepository } from '../definition/repository-files.ts';
import { checkoutDefinitions } from '../ledger/checkout.ts';
import { openLedger, type OpenLedger } from '../ledger/open-ledger.ts';
import type { RemoteLink } from '../model/remote.ts';
import { findRoot } from './find-root.ts';
import { gitCredentials, gitSecrets, type GitFlags } from './git-credentials.ts';
import type { CommandContext } from './command-context.ts';

export type ReadRepository = CheckedDefinitions & {
  commit: string;
  records: OpenLedger['records'];
  remoteLink(experiment: string): RemoteLink | undefined;
};

/**
 * Hands definitions as they are committed, and the records of their results branch, to a command that only reads; the checkout is gone
 * afterwards.
 */
export async function readRepository<Result>(
  given: string | undefined,
  image: string,
  flags: GitFlags,
  { output, environment, cwd, signal }: CommandContext,
  use: (repository: ReadRepository) => Promise<Result>,
): Promise<Result> {
  const repository = locateRepository(given, cwd);
  output.hide(gitSecrets(repository, environment));
  const credentials = gitCredentials(flags, environment);
  const git = { repository, environment, ...(credentials && { credentials }) };
  const workdir = await mkdtemp(join(tmpdir(), 'fieldtrial-'));
  try {
    const checkout = await checkoutDefinitions({ ...git, ...(flags.branch !== undefined && { branch: flags.branch }), workdir, signal });
    const files = openRepository(checkout.root);
    const loaded = await loadRepository(files);
    const definitions = await checkDefinitions(loaded, files, image);
    const { resultsBranch, author } = loaded.settings;
    const ledger = await openLedger(
      {
        ...git,
        branch: resultsBranch,
        definitionsBranch: checkout.branch,
        author,
        workdir,
        run: 'read',
        version: '',
        emit: () => undefined,
      },
      signal,
    );
    const records = new Map(loaded.experiments.map(({ name }) => [name, ledger.records(name)]));
    const links = new Map(loaded.experiments.map(({ name }) => [name, ledger.remote.state(name).link]));
    await ledger.close();
    return await use({
      ...definitions,
      commit: checkout.commit,
      records: (name) => records.get(name) ?? [],
      remoteLink: (name) => links.get(name),
    });
  } finally {
    await rm(workdir, { recursive: true, force: true });
  }
}

/** A URL as it is, a path from the current folder; by default the repository that the current folder lies in. */
export function locateRepository(given: string | undefined, cwd: string): string {
  if (given === undefined) return findRoot(cwd);
  return /^[a-z][a-z0-9+.-]*:\/\/|^[^/]+@[^/]+:/.test(given) ? given : resolve(cwd, given);
}
