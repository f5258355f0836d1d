import type { Clock } from '../../runner/clock.ts';

/** A clock that stands still until a test turns it on. */
export type ManualClock = Clock & {
  /** Lets time pass: whatever slept until then wakes in order, and goes on until it waits again. */
  advance(milliseconds: number): Promise<void>;
};

export function manualClock(start = '2026-01-01T00:00:00.000Z'): ManualClock {
  let now = Date.parse(start);
  let sleepers: { at: number; wake: () => void }[] = [];

  return {
    now: () => new Date(now),
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { at: now + milliseconds, wake: resolve };
      const cancel = () => reject(signal.reason);
      sleepers.push(sleeper);
      signal.addEventListener('abort', cancel, { once: true });
      try {
        await promise;
      } finally {
        sleepers = sleepers.filter((each) => each !== sleeper);
        signal.removeEventListener('abort', cancel);
      }
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        await everythingWaits();
        const [next] = sleepers.filter(({ at }) => at <= end).toSorted((left, right) => left.at - right.at);
        if (next === undefined) break;
        now = Math.max(now, next.at);
        next.wake();
      }
      now = end;
    },
  };
}

/** Until every promise that is settled has been acted on. */
export function everythingWaits(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
