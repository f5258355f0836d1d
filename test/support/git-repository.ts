import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export type Files = Record<string, string>;

/** A bare repository that stands for the one on a server, with what tests do to it from outside. */
export type Remote = {
  /** The bare repository; its folder is what a git server would serve. */
  path: string;
  url: string;
  /** A folder beside it that goes with it. */
  scratch: string;
  /** Pushes one commit; a branch that does not exist begins at the tip of `main`. Resolves with the commit's id. */
  commit(files: Files, message?: string, branch?: string): Promise<string>;
  /** Subjects of a branch, the newest first. */
  log(branch: string): Promise<string[]>;
  /** The text of a file at the tip of a branch. */
  read(branch: string, path: string): Promise<string>;
  /** The paths at the tip of a branch. */
  list(branch: string): Promise<string[]>;
  /** Any git command in the bare repository; resolves with its trimmed stdout. */
  git(...args: string[]): Promise<string>;
  /** A shell script that the server runs as this hook. */
  hook(name: string, script: string): Promise<void>;
  cleanup(): Promise<void>;
};

/** A remote whose `main` holds these files in one commit; without files it is empty. */
export async function createRemote(files?: Files): Promise<Remote> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-git-'));
  const path = join(folder, 'remote.git');
  const work = join(folder, 'work');
  const scratch = join(folder, 'scratch');
  await mkdir(scratch);
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', path);
  await git(folder, 'clone', '--quiet', path, work);

  const remote: Remote = {
    path,
    url: `file://${path}`,
    scratch,
    async commit(changed, message = 'Change something', branch = 'main') {
      await git(work, 'fetch', '--quiet', '--prune', 'origin');
      const branches = await git(work, 'branch', '--remotes', '--format=%(refname:short)');
      const base = [`origin/${branch}`, 'origin/main'].find((name) => branches.split('\n').includes(name));
      if (base !== undefined) await git(work, 'checkout', '--quiet', '-B', branch, '--no-track', base);
      for (const [name, text] of Object.entries(changed)) {
        await mkdir(dirname(join(work, name)), { recursive: true });
        await writeFile(join(work, name), text);
      }
      await git(work, 'add', '--all');
      await git(work, 'commit', '--quiet', '--allow-empty', '--message', message);
      await git(work, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
      return git(work, 'rev-parse', 'HEAD');
    },
    log: async (branch) => (await git(path, 'log', '--format=%s', branch)).split('\n'),
    read: (branch, file) => git(path, 'show', `${branch}:${file}`),
    list: async (branch) => (await git(path, 'ls-tree', '-r', '--name-only', branch)).split('\n'),
    git: (...args) => git(path, ...args),
    hook: (name, script) => writeFile(join(path, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 }),
    cleanup: () => rm(folder, { recursive: true, force: true }),
  };
  if (files !== undefined) await remote.commit(files, 'Begin');
  return remote;
}

/** What git needs of the process; nothing of the settings of whoever runs the tests. */
export const GIT_ENVIRONMENT = { PATH: process.env['PATH'], HOME: '/nonexistent' };

async function git(folder: string, ...args: string[]): Promise<string> {
  const person = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const env = { ...GIT_ENVIRONMENT, ...person, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, env, maxBuffer: 2 ** 26 });
  return stdout.trim();
}
