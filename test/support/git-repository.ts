import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Files = Record<string, string>;

/** A bare repository that stands for the one on a server, with what tests do to it from outside. */
export type Remote = {
  /** The bare repository; its folder is what a git server would serve. */
  path: string;
  url: string;
  /** A folder beside it that goes with it. */
  scratch: string;
  /** Adds one commit, past all hooks; a branch that does not exist begins at the tip of `main`. Resolves with the commit's id. */
  commit(files: Files, message?: string, branch?: string): Promise<string>;
  /** A clone with `main` checked out, as people have it; resolves with its folder. */
  clone(): Promise<string>;
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
  const scratch = join(folder, 'scratch');
  await mkdir(scratch);
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', '--template=', path);
  await mkdir(join(path, 'hooks'));

  const remote: Remote = {
    path,
    url: `file://${path}`,
    scratch,
    async commit(changed, message = 'Change something', branch = 'main') {
      const heads = await git(path, 'for-each-ref', '--format=%(refname)', `refs/heads/${branch}`, 'refs/heads/main');
      const base = [`refs/heads/${branch}`, 'refs/heads/main'].find((name) => heads.split('\n').includes(name));
      return importCommit(path, { branch, base, message, files: changed });
    },
    async clone() {
      const work = join(folder, 'work');
      await git(folder, 'clone', '--quiet', path, work);
      return work;
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

type ImportedCommit = { branch: string; base: string | undefined; message: string; files: Files };

/** One process instead of the five of add, commit and push: each costs a big test process milliseconds to start. */
async function importCommit(path: string, { branch, base, message, files }: ImportedCommit): Promise<string> {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const stream = [
    `commit refs/heads/${branch}\nmark :1\ncommitter Ada <ada@example.com> now\n${data(message)}`,
    base === undefined ? '' : `from ${base}^0\n`,
    ...Object.entries(files).map(([name, text]) => `M 100644 inline ${name}\n${data(text)}`),
    'get-mark :1\ndone\n',
  ];
  const importing = promisify(execFile)('git', ['fast-import', '--quiet', '--done', '--date-format=now'], {
    cwd: path,
    env: environment(),
  });
  importing.child.stdin!.end(stream.join(''));
  return (await importing).stdout.trim();
}

/** What git needs of the process; nothing of the settings of whoever runs the tests. */
export const GIT_ENVIRONMENT = { PATH: process.env['PATH'], HOME: '/nonexistent' };

async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, env: environment(), maxBuffer: 2 ** 26 });
  return stdout.trim();
}

function environment() {
  const person = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  return { ...GIT_ENVIRONMENT, ...person, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
}
