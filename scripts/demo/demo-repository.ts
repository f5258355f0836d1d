import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseRecord } from '../../runner/ledger/record-text.ts';
import type { TrialRecord } from '../../runner/model/record.ts';
import type { ExampleFiles } from '../example/example-repository.ts';

/** The branch to which `fieldtrial run` pushes, in the clone. */
const RESULTS = 'origin/fieldtrial/results';

/** A repository of experiments as a team has it: one on a server, here a bare one in a folder, and somebody's clone. */
export type DemoRepository = {
  remote: string;
  clone: string;
  /** Fetches into the clone. */
  fetch(): Promise<void>;
  /** The history of the results that were fetched, a line per commit, the newest first. */
  log(): Promise<string>;
  /** What an experiment's trials found, by number, as it was fetched. */
  records(experiment: string): Promise<TrialRecord[]>;
};

/** Makes `remote.git` and `clone` in a folder; these files are the first commit of `main`. Needs no git identity of the user's. */
export async function createDemoRepository(folder: string, files: ExampleFiles): Promise<DemoRepository> {
  const [remote, clone] = [join(folder, 'remote.git'), join(folder, 'clone')];
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  await git(folder, 'init', '--quiet', '--initial-branch=main', clone);
  await git(clone, 'remote', 'add', 'origin', remote);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    await writeFile(join(clone, path), text);
  }
  await git(clone, 'add', '--all');
  await git(clone, ...AUTHOR, 'commit', '--quiet', '--message', "Add this project's experiments");
  await git(clone, 'push', '--quiet', '--set-upstream', 'origin', 'main');

  const read = (path: string) => git(clone, 'show', `${RESULTS}:${path}`);
  return {
    remote,
    clone,
    fetch: async () => void (await git(clone, 'fetch', '--quiet', 'origin')),
    log: () => git(clone, 'log', '--oneline', RESULTS),
    async records(experiment) {
      const paths = (await git(clone, 'ls-tree', '-r', '--name-only', RESULTS, `experiments/${experiment}/trials/`)).split('\n');
      return Promise.all(paths.toSorted().map(async (path) => parseRecord(await read(path), path)));
    },
  };
}

/** A machine where nobody has ever committed has none, and one where commits are signed may ask for a passphrase. */
const AUTHOR = ['-c', 'user.name=Fieldtrial demo', '-c', 'user.email=demo@localhost', '-c', 'commit.gpgsign=false'];

async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, maxBuffer: 2 ** 26 });
  return stdout.trim();
}
