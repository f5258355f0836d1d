import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

import { CONTAINER_MARK, FOLDER_MARK } from './marked-processes.ts';
import { WATCHER } from './watcher.ts';

export type WatchedProcess = {
  /** SIGTERM to all its processes. */
  terminate(): void;
  /** SIGKILL to all its processes. */
  kill(): void;
};

export type ProcessStart = {
  /** The folder that is removed when the process has ended, see guardFolder. */
  root: string;
  command: readonly [string, ...string[]];
  environment: Record<string, string>;
  folder: string;
  write(text: string): void;
  exited(exitCode: number): void;
};

/**
 * Starts a command that never outlives this process, not even when this one is killed. Nor do the processes that it starts, as long as
 * they stay in its process group or, on Linux, keep their environment; they end with the command at the latest.
 */
export function startWatchedProcess({ root, command, environment, folder, write, exited }: ProcessStart): WatchedProcess {
  const child = spawn(process.execPath, ['-e', WATCHER], {
    cwd: folder,
    // What is meant for the container may mean something to Node as well.
    env: { [FOLDER_MARK]: root },
    // A group of its own, so that Ctrl+C at the terminal reaches it only by way of its standard input.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8');
    output.on('data', write);
  }
  const marked = { ...environment, [CONTAINER_MARK]: `${root}#${randomUUID()}` };
  child.stdin.write(`${JSON.stringify({ command, environment: marked })}\n`);
  // The watcher may have ended when it is told something.
  child.stdin.on('error', () => {});
  child.on('close', (code) => exited(code ?? 137));
  return {
    terminate: () => child.stdin.write('\n'),
    kill: () => child.stdin.end(),
  };
}
