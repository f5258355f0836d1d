import type { Clock } from '../clock.ts';
import { PreflightFailed } from '../model/errors.ts';
import type { Emit } from '../progress/events.ts';
import { GitFailed } from './git-failure.ts';
import { tryAgain } from './try-again.ts';

export type ReachOptions = {
  clock: Clock;
  emit: Emit;
  /** Milliseconds after the beginning of the first attempt in which another one may begin [30 s]. */
  retryFor?: number;
};

/**
 * Opens a repository, and tries again while it cannot be reached: the first connections of a new pod may come before its network is ready. Says
 * so once. Throws what `open` throws.
 */
export async function untilReachable<Value>(
  open: () => Promise<Value>,
  { clock, emit, retryFor = 30_000 }: ReachOptions,
  signal: AbortSignal,
): Promise<Value> {
  let told = false;
  const onRetry = ({ message }: PreflightFailed) => {
    if (!told) emit({ type: 'notice', level: 'warning', message: `${message}; it is tried again for ${retryFor / 1000} s` });
    told = true;
  };
  return tryAgain(open, { clock, retryFor, random: Math.random, isPassing: isUnreachable, onRetry }, signal);
}

function isUnreachable(error: unknown): error is PreflightFailed {
  return error instanceof PreflightFailed && error.cause instanceof GitFailed && error.cause.kind === 'unreachable';
}
