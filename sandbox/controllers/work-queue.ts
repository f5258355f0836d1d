import type { StoreClock } from '../store.ts';

/** What still has to be looked at; a key that waits already is not added twice. */
export type WorkQueue = {
  add(key: string): void;
  /** The earliest of several times counts. */
  addAfter(key: string, milliseconds: number): void;
  stop(): void;
};

/**
 * Hands out keys one after another, never inside of the call that added them, so that a change of the store is told to everybody before
 * anybody reacts to it. Errors of `work` are the caller's; they end nothing else.
 */
export function workQueue(clock: StoreClock, work: (key: string) => void): WorkQueue {
  const waiting = new Set<string>();
  const timers = new Map<string, { at: number; cancel: () => void }>();
  let scheduled = false;
  let stopped = false;

  function add(key: string): void {
    waiting.add(key);
    schedule();
  }

  function schedule(): void {
    if (scheduled || stopped || waiting.size === 0) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      takeOne();
    });
  }

  function takeOne(): void {
    const [key] = waiting;
    if (stopped || key === undefined) return;
    waiting.delete(key);
    schedule();
    work(key);
  }

  function addAfter(key: string, milliseconds: number): void {
    const at = clock.now().getTime() + milliseconds;
    const planned = timers.get(key);
    if (stopped || (planned !== undefined && planned.at <= at)) return;
    planned?.cancel();
    const cancel = clock.after(milliseconds, () => {
      timers.delete(key);
      add(key);
    });
    timers.set(key, { at, cancel });
  }

  return {
    add,
    addAfter,
    stop() {
      stopped = true;
      for (const { cancel } of timers.values()) cancel();
      timers.clear();
      waiting.clear();
    },
  };
}
