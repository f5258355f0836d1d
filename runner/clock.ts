import { setTimeout } from 'node:timers/promises';

/** Time as a parameter, so that tests turn it. */
export type Clock = {
  now(): Date;
  /** Rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(milliseconds, signal) {
    try {
      await setTimeout(milliseconds, undefined, { signal });
    } catch (error) {
      // Node rejects with an AbortError of its own; callers tell a deadline from a shutdown by the signal's reason.
      signal.throwIfAborted();
      throw error;
    }
  },
};
