import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openRepository } from '../definition/repository-files.ts';
import { formatRehearsals } from '../rehearse/format-rehearsal.ts';
import { rehearsalJson } from '../rehearse/rehearsal-json.ts';
import { rehearse } from '../rehearse/rehearse.ts';
import type { RunHelm } from '../setup/helm-release.ts';
import { withoutOwnSecrets } from '../without-own-secrets.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { findRoot } from './find-root.ts';
import { readPackage } from './package-folder.ts';
import { defaultImage, readVersion } from './version.ts';

export type RehearseFlags = {
  manifests?: string[];
  trials: number;
  node?: { cpu?: string; memory?: string };
  /** true: given without a seed. */
  chaos?: number | true;
  image?: string;
  output: 'markdown' | 'json';
};

/**
 * `fieldtrial rehearse`: the working folder's experiments on a simulated cluster; the report on stdout, 3 when an experiment is at fault,
 * else 5 when trials came to no result.
 */
export async function rehearseCommand(
  names: string[],
  flags: RehearseFlags,
  { output, environment, cwd, signal }: CommandContext,
): Promise<number> {
  const root = findRoot(cwd);
  const version = await readVersion();
  const workdir = await mkdtemp(join(tmpdir(), 'fieldtrial-'));
  try {
    const rehearsals = await rehearse(
      names,
      {
        trials: flags.trials,
        manifests: (flags.manifests ?? []).map((path) => relative(root, resolve(cwd, path)) || '.'),
        node: flags.node ?? {},
        chaos: flags.chaos === true ? 1 : flags.chaos,
        image: flags.image ?? defaultImage(version),
        version,
      },
      { root, files: openRepository(root), environment, workdir, helm: await findHelm(environment, signal), ownCharts },
      signal,
    );
    output.data(flags.output === 'json' ? JSON.stringify(rehearsalJson(rehearsals), undefined, 2) : formatRehearsals(rehearsals));
    const isAtFault = rehearsals.problems.length > 0 || rehearsals.rehearsals.some(({ problems }) => problems.length > 0);
    if (isAtFault) return EXIT.invalid;
    return rehearsals.rehearsals.some(({ missed }) => missed > 0) ? EXIT.stopped : EXIT.done;
  } finally {
    await rm(workdir, { recursive: true, force: true });
  }
}

async function ownCharts(): Promise<string> {
  return fileURLToPath(new URL('charts', (await readPackage()).folder));
}

/** helm of the PATH, which needs no cluster for `template`; undefined where there is none. */
async function findHelm(environment: CommandContext['environment'], signal: AbortSignal): Promise<RunHelm | undefined> {
  const run = promisify(execFile);
  const helm: RunHelm = async (args, scoped) =>
    (await run('helm', [...args], { signal: scoped, env: withoutOwnSecrets(environment), maxBuffer: 64 * 1024 * 1024 })).stdout;
  try {
    await helm(['version', '--short'], signal);
    return helm;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
