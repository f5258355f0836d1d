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
  // One shell for several commands: a process that is started from a big one costs milliseconds.
  const commit =
    'git add --all && git -c user.name=Ada -c user.email=ada@example.com commit --quiet --allow-empty --message "Change something"';
  const shell = (script: string) => promisify(execFile)('sh', ['-c', script], { cwd: path, env: GIT_ENVIRONMENT });
  const folder: WorkingFolder = {
    path,
    async write(changed) {
      for (const [name, text] of Object.entries(changed)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), text);
      }
    },
    async commit() {
      await shell(commit);
    },
    cleanup: () => rm(path, { recursive: true, force: true }),
  };
  await folder.write(files);
  await shell(`git init --quiet --initial-branch=main --template= && ${commit}`);
  return folder;
}
