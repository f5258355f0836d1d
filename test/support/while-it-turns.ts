import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../runner/clock.ts';
import type { Cluster } from '../../runner/cluster/port.ts';
import type { TurnedClock } from '../../sandbox/turned-clock.ts';

/** The same time for the runner that its cluster has. */
export function clockOf({ now, after }: Pick<TurnedClock, 'now' | 'after'>): Clock {
  return {
    now,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const cancel = after(milliseconds, resolve);
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await promise;
      } finally {
        cancel();
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

/** Calls under way, so that no time passes meanwhile. */
export type CountedCluster = { cluster: Cluster; calls(): number };

/** A watch is no call: it is under way all the time. What it tells needs a few turns of the event loop. */
export function countCalls(cluster: Cluster): CountedCluster {
  let calls = 0;
  const counted = Object.entries(cluster).map(([name, call]) => [
    name,
    name === 'watch'
      ? call
      : async (...args: unknown[]) => {
          calls += 1;
          try {
            return await (call as (...args: unknown[]) => Promise<unknown>)(...args);
          } finally {
            calls -= 1;
          }
        },
  ]);
  return { cluster: Object.fromEntries(counted) as Cluster, calls: () => calls };
}

/** Milliseconds at once: how late, at most, something may learn of what happened at a time. */
const STEP = 200;
/** From a change in the store over the socket to whoever watches it, and what that one does then. */
const TURNS = 5;
/** What the process waits for that needs no time to pass: files, archives, git, new connections. */
const AT_WORK = /^(FS|Zlib|ZLIB|Process|GetAddrInfo|TCPConnect|Pipe(?!Wrap$)|Worker)/;

/**
 * Lets time pass until the work is done, in steps, and only while nothing else happens in this process that could be overtaken by it:
 * a stage that is allowed 15 seconds has them, however busy the machine is.
 */
export async function whileItTurns<Value>(
  begin: () => Promise<Value>,
  clock: TurnedClock,
  { calls }: Pick<CountedCluster, 'calls'>,
): Promise<Value> {
  // What somebody else has left, such as a program of another test, would never end for us.
  const before = atWork();
  const isQuiet = () => calls() === 0 && atWork() <= before;
  const done = new AbortController();
  const work = begin().finally(() => done.abort());
  // Looked at below, once it is settled.
  work.catch(() => undefined);
  while (!done.signal.aborted) {
    await staysSo(isQuiet);
    await clock.advance(STEP);
  }
  return work;
}

async function staysSo(isQuiet: () => boolean): Promise<void> {
  for (let turns = 0; turns < TURNS; turns = isQuiet() ? turns + 1 : 0) await nextTurn();
}

function atWork(): number {
  return process.getActiveResourcesInfo().filter((each) => AT_WORK.test(each)).length;
}
