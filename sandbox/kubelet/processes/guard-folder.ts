import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { CONTAINER_MARK, FOLDER_MARK, MARKED_PROCESSES } from './marked-processes.ts';

export type FolderGuard = {
  /** Does now what it would do when this process ends; resolves when it is done. */
  remove(): Promise<void>;
};

/**
 * Ties a folder to this process: when this process ends, however that happens, it is removed. Before that, on Linux, all processes with the
 * mark of one of its containers are killed, and those that have the folder's own mark are waited for, 10 s at most.
 */
export function guardFolder(folder: string): FolderGuard {
  const child = spawn(process.execPath, ['-e', GUARD, folder], {
    cwd: '/',
    // What is meant for this process may mean something to Node as well.
    env: {},
    // A group of its own, so that what a terminal sends reaches it only by way of its standard input.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  // Looked at by who removes it; a process that only forgets to is not held up.
  ended.catch(() => undefined);
  child.unref();
  return {
    async remove() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

const GUARD = `
${MARKED_PROCESSES}
const [folder] = process.argv.slice(1);
const containers = () => markedBy('${CONTAINER_MARK}=' + folder + '#');
const all = () => [...containers(), ...markedBy('${FOLDER_MARK}=' + folder + '\\0')];
process.stdin.resume().on('close', async () => {
  await untilNone(all, () => killAll(containers()));
  require('node:fs').rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});
`;
