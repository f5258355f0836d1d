import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { openGit, type Environment } from './git.ts';
import { parseRepository } from './repository-address.ts';

/** An empty bare repository in a folder of its own below `workdir`, for records that nobody keeps; resolves with its path. */
export async function createScratchRepository(workdir: string, environment: Environment, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(workdir, 'scratch-'));
  const git = openGit({ folder, address: parseRepository(folder), credentials: undefined, environment });
  await git.local(['init', '--quiet', '--bare', '--initial-branch=main'], signal);
  return folder;
}
