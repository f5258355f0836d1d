import type { Clock } from '../clock.ts';
import { backoff } from '../retry.ts';

export type TryAgainOptions<Passing> = {
  clock: Clock;
  /** Milliseconds after the beginning of the first attempt in which another one may begin. */
  retryFor: number;
  /** In [0, 1): spreads the attempts of several runners. */
  random: () => number;
  /** Whether time alone may heal it. */
  isPassing(error: unknown): error is Passing;
  /** Called before each pause. */
  onRetry(error: Passing): void;
};

/**
 * Attempts until it worked, with pauses that double from 200 ms to 5 s, with jitter. Throws the last error when it does not pass or time is up;
 * when the signal aborts during a pause, its reason.
 */
export async function tryAgain<Value, Passing>(
  attempt: (again: boolean) => Promise<Value>,
  { clock, retryFor, random, isPassing, onRetry }: TryAgainOptions<Passing>,
  signal: AbortSignal,
): Promise<Value> {
  const start = clock.now().getTime();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(tries > 1);
    } catch (error) {
      const pause = backoff(tries, FIRST_PAUSE, LONGEST_PAUSE, random);
      const isLate = clock.now().getTime() - start + pause > retryFor;
      if (isLate || !isPassing(error)) throw error;
      onRetry(error);
      await clock.sleep(pause, signal);
    }
  }
}

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5_000;
