import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PROGRAM } from './project.ts';

/**
 * Runs `fieldtrial …args` for somebody to watch: the command, then all that it writes. An abort's reason is the name of a signal, which the
 * program gets and is then waited for. Resolves with the exit code; null when a signal of somebody else's ended it.
 */
export async function showFieldtrial(
  args: readonly string[],
  { environment, signal }: { environment: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<number | null> {
  signal?.throwIfAborted();
  process.stdout.write(`\n$ fieldtrial ${args.join(' ')}\n`);
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
    // Ctrl-C then reaches it as that reason alone; by a second signal it would end at once.
    detached: signal !== undefined,
  });
  const end = () => child.kill(signal?.reason as NodeJS.Signals);
  signal?.addEventListener('abort', end, { once: true });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
  return exitCode;
}
