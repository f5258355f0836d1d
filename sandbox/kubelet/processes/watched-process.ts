import { spawn } from 'node:child_process';

import { WATCHER } from './watcher.ts';

export type WatchedProcess = {
  /** SIGTERM to all its processes. */
  terminate(): void;
  /** SIGKILL to all its processes. */
  kill(): void;
};

export type ProcessStart = {
  command: readonly [string, ...string[]];
  environment: Record<string, string>;
  folder: string;
  write(text: string): void;
  exited(exitCode: number): void;
};

/**
 * Starts a command that never outlives this process, not even when this one is killed; nor do the processes that it starts, as long as
 * they stay in its process group.
 */
export function startWatchedProcess({ command, environment, folder, write, exited }: ProcessStart): WatchedProcess {
  const child = spawn(process.execPath, ['-e', WATCHER], {
    cwd: folder,
    // What is meant for the container may mean something to Node as well.
    env: {},
    // A group of its own, so that Ctrl+C at the terminal reaches it only by way of its standard input.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8');
    output.on('data', write);
  }
  child.stdin.write(`${JSON.stringify({ command, environment })}\n`);
  // The watcher may have ended when it is told something.
  child.stdin.on('error', () => {});
  child.on('close', (code) => exited(code ?? 137));
  return {
    terminate: () => child.stdin.write('\n'),
    kill: () => child.stdin.end(),
  };
}
