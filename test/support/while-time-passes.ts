import type { ManualClock } from './manual-clock.ts';

const DAY = 24 * 3_600;

/** Turns the clock second by second until the work is done, as time would pass; a day at most. */
export async function whileTimePasses<Value>(work: Promise<Value>, clock: ManualClock): Promise<Value> {
  let isDone = false;
  const watched = work.finally(() => {
    isDone = true;
  });
  // Looked at below, once it is settled.
  watched.catch(() => undefined);
  await until(() => isDone, clock);
  return watched;
}

/** Turns the clock second by second until something is so. */
export async function until(isSo: () => boolean, clock: ManualClock): Promise<void> {
  for (let second = 0; !isSo(); second += 1) {
    if (second > DAY) throw new Error('nothing came of it in a day');
    await clock.advance(1_000);
  }
}
