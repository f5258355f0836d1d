import { setTimeout } from 'node:timers/promises';

/** Time as a parameter, so that tests turn it. */
export type Clock = {
  now(): Date;
  /** Rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
};

/** Node takes a longer timer for one of 1 ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(milliseconds, signal) {
    try {
      for (let left = milliseconds; ; left -= LONGEST_TIMER) {
        await setTimeout(Math.min(left, LONGEST_TIMER), undefined, { signal });
        if (left <= LONGEST_TIMER) return;
      }
    } catch (error) {
      // Node rejects with an AbortError of its own; callers tell a deadline from a shutdown by the signal's reason.
      signal.throwIfAborted();
      throw error;
    }
  },
};
