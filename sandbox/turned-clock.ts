import { setImmediate as afterPendingWork } from 'node:timers/promises';

import type { StoreClock } from './store.ts';

/** A clock that stands still until it is turned. */
export type TurnedClock = StoreClock & {
  /**
   * Lets so many milliseconds pass: every timer that falls due calls back at its own time, in order, and what that sets in motion in
   * the store gets its turn before time goes on.
   */
  advance(milliseconds: number): Promise<void>;
};

export function turnedClock(start = '2026-01-01T00:00:00.000Z'): TurnedClock {
  let now = Date.parse(start);
  let timers: { at: number; callback: () => void }[] = [];

  const nextUntil = (end: number) => timers.filter(({ at }) => at <= end).reduce<(typeof timers)[number] | undefined>(earlier, undefined);

  return {
    now: () => new Date(now),
    after(milliseconds, callback) {
      const timer = { at: now + Math.max(0, milliseconds), callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      await afterPendingWork();
      for (let timer = nextUntil(end); timer !== undefined; timer = nextUntil(end)) {
        const due = timer;
        timers = timers.filter((each) => each !== due);
        now = due.at;
        due.callback();
        await afterPendingWork();
      }
      now = end;
    },
  };
}

/** Of two that are due at the same time, the one that was set first. */
function earlier<T extends { at: number }>(first: T | undefined, second: T): T {
  return first !== undefined && first.at <= second.at ? first : second;
}
