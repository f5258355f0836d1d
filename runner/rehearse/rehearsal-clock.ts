import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoreClock } from '../../sandbox/store.ts';
import type { Clock } from '../clock.ts';
import { unlessAborted } from '../unless-aborted.ts';

/** One time for the runner and for the cluster it meets: it stands still while somebody works and jumps when all wait. */
export type RehearsalClock = Clock &
  StoreClock & {
    /** Time stands still until the work has ended. */
    during<Result>(work: () => Promise<Result>): Promise<Result>;
    /** For whoever waits in the midst of such work: time goes on meanwhile. */
    within: Clock;
    /** Lets time pass, from timer to timer, until the signal aborts. */
    pass(signal: AbortSignal): Promise<void>;
  };

/**
 * What was sent over the loopback arrives with a later turn of the event loop. A jump that comes too early is a cluster that is slow for
 * once, and no more.
 */
const QUIET_TURNS = 6;

export function rehearsalClock(start = '2026-01-01T00:00:00.000Z'): RehearsalClock {
  let time = Date.parse(start);
  let timers: Timer[] = [];
  let working = 0;
  /** Counts whatever happens, so that one can see that nothing did. */
  let happenings = 0;
  let noticed = Promise.withResolvers<void>();

  function happen(): void {
    happenings += 1;
    noticed.resolve();
    noticed = Promise.withResolvers();
  }

  function after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: time + Math.max(0, milliseconds), callback };
    timers.push(timer);
    happen();
    return () => {
      timers = timers.filter((each) => each !== timer);
    };
  }

  async function during<Result>(work: () => Promise<Result>): Promise<Result> {
    working += 1;
    happen();
    try {
      return await work();
    } finally {
      working -= 1;
      happen();
    }
  }

  function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    const cancel = after(milliseconds, over.resolve);
    return unlessAborted(over.promise, signal).finally(cancel);
  }

  async function sleepWithin(milliseconds: number, signal: AbortSignal): Promise<void> {
    working -= 1;
    try {
      await sleep(milliseconds, signal);
    } finally {
      working += 1;
    }
  }

  async function quiet(): Promise<boolean> {
    const before = happenings;
    const isCalm = () => happenings === before;
    for (let turn = 0; turn < QUIET_TURNS && isCalm(); turn += 1) await nextTurn();
    return isCalm() && working === 0 && timers.length > 0;
  }

  return {
    now: () => new Date(time),
    after,
    sleep,
    during,
    within: { now: () => new Date(time), sleep: sleepWithin },
    async pass(signal) {
      const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      while (!signal.aborted) {
        const next = noticed.promise;
        if (await quiet()) {
          const due = timers.reduce(earlier);
          timers = timers.filter((each) => each !== due);
          time = due.at;
          due.callback();
        } else if (working > 0 || timers.length === 0) {
          await Promise.race([next, ended]);
        }
      }
    },
  };
}

type Timer = { at: number; callback: () => void };

/** Of two that are due at the same time, the one that was set first. */
function earlier(first: Timer, second: Timer): Timer {
  return first.at <= second.at ? first : second;
}
