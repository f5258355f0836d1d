import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROGRAM } from './project.ts';

const FOLLOW_PARENT = join(import.meta.dirname, 'follow-parent.ts');

/**
 * Runs `fieldtrial …args` for somebody to watch: the command, then all that it writes. It shares this process's group, so that a terminal
 * resizes, suspends and continues both, and does not outlive this process. An abort's reason is the name of a signal, which the program
 * gets, once even when the terminal sends it to both, and is then waited for. Resolves with the exit code; null when a signal of
 * somebody else's ended it.
 */
export async function showFieldtrial(
  args: readonly string[],
  { environment, signal }: { environment: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<number | null> {
  signal?.throwIfAborted();
  process.stdout.write(`\n$ fieldtrial ${args.join(' ')}\n`);
  const child = spawn(process.execPath, ['--import', FOLLOW_PARENT, PROGRAM, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: environment,
  });
  // It may have ended when it is told something.
  const end = () => child.send(signal?.reason as NodeJS.Signals, () => {});
  signal?.addEventListener('abort', end, { once: true });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
  return exitCode;
}
