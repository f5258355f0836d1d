import type { Clock } from '../../../runner/clock.ts';

/** A clock on which every wait is over at once, and which remembers them. */
export function turnedClock(): Clock & { waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => new Date(now),
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
}
