import { execFile, type ExecFileException } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
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

/** One line about a git command that could not do its work. */
export class DemoGitFailed extends Error {}

/**
 * Makes `remote.git` and `clone` in a folder; these files are the first commit of `main`. What the user has set for git plays no part here, hooks,
 * signatures and identity included; the clone is one to which it applies. Rejects with DemoGitFailed, as the results do.
 */
export async function createDemoRepository(folder: string, files: ExampleFiles, environment: NodeJS.ProcessEnv): Promise<DemoRepository> {
  const git = gitIn(withoutSettings(environment));
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

/** A machine where nobody has ever committed has none. */
const AUTHOR = ['-c', 'user.name=Fieldtrial demo', '-c', 'user.email=demo@localhost'];

/** git(1): no settings, and no file of ignored paths or attributes, of the machine or the user; nor what a hook says that runs this. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(([name]) => !/^GIT_/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    XDG_CONFIG_HOME: devNull,
    LC_ALL: 'C',
  };
}

function gitIn(environment: NodeJS.ProcessEnv): (folder: string, ...args: string[]) => Promise<string> {
  return async (folder, ...args) => {
    try {
      const { stdout } = await promisify(execFile)('git', args, { cwd: folder, env: environment, maxBuffer: 2 ** 26 });
      return stdout.trim();
    } catch (cause) {
      throw new DemoGitFailed(explain(args, cause as ExecFileException), { cause });
    }
  };
}

function explain(args: readonly string[], { code, stderr = '', message }: ExecFileException): string {
  if (code === 'ENOENT') return 'git is not installed, or not on the PATH';
  const command = args.find((each, index) => !each.startsWith('-') && args[index - 1] !== '-c');
  const words = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return `git ${command} failed: ${words.length === 0 ? `exit code ${code ?? message}` : words.join('; ')}`;
}
