import type { StoreClock } from '../store.ts';

/** Timers that can be given up together. */
export type Timers = { after(milliseconds: number, callback: () => void): void; cancel(): void };

export function createTimers(clock: StoreClock): Timers {
  const cancels = new Set<() => void>();
  return {
    after(milliseconds, callback) {
      const cancel = clock.after(milliseconds, () => {
        cancels.delete(cancel);
        callback();
      });
      cancels.add(cancel);
    },
    cancel() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
