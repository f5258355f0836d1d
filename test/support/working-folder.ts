import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { GIT_ENVIRONMENT, type Files } from './git-repository.ts';

/** A repository as people work in it: a folder with files, of which those committed are known to git. */
export type WorkingFolder = {
  path: string;
  write(files: Files): Promise<void>;
  /** Commits everything there is. */
  commit(): Promise<void>;
  cleanup(): Promise<void>;
};

/** A git repository in a folder of its own, with these files committed. */
export async function createWorkingFolder(files: Files = {}): Promise<WorkingFolder> {
  const path = await mkdtemp(join(tmpdir(), 'fieldtrial-work-'));
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: path, env: GIT_ENVIRONMENT });
  const folder: WorkingFolder = {
    path,
    async write(changed) {
      for (const [name, text] of Object.entries(changed)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), text);
      }
    },
    async commit() {
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', 'Change something');
    },
    cleanup: () => rm(path, { recursive: true, force: true }),
  };
  await git('init', '--quiet', '--initial-branch=main');
  await folder.write(files);
  await folder.commit();
  return folder;
}
