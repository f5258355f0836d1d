import type { StoreClock } from '../../sandbox/store.ts';

/** The machine's time, so many times as fast: for tests that meet a cluster over HTTP, where time cannot stand still. */
export function fastClock(factor: number): StoreClock {
  const start = Date.now();
  return {
    now: () => new Date(start + (Date.now() - start) * factor),
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds / factor);
      return () => clearTimeout(timer);
    },
  };
}
