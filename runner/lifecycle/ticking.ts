import type { Clock } from '../clock.ts';

export type Beat<Value> = { type: 'change'; value: Value } | { type: 'tick' };

/**
 * The values of a source, with a tick after every `interval` milliseconds without one: for what no watch announces, such as a Job
 * without pods or a grace period that ran out. Ends with the source; the source is closed when the consumer stops.
 */
export async function* ticking<Value>(
  source: AsyncGenerator<Value>,
  interval: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Beat<Value>> {
  let pending: Promise<IteratorResult<Value>> | undefined;
  try {
    while (true) {
      pending ??= source.next();
      const beat = await nextBeat(pending, interval, clock, signal);
      if (beat === undefined) return;
      if (beat.type === 'change') pending = undefined;
      yield beat;
    }
  } finally {
    // Not awaited: a generator that waits for the network answers only once its signal aborts, which is the caller's to do.
    void source.return(undefined).catch(() => undefined);
  }
}

async function nextBeat<Value>(
  pending: Promise<IteratorResult<Value>>,
  interval: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Beat<Value> | undefined> {
  const timer = new AbortController();
  const tick = clock.sleep(interval, AbortSignal.any([signal, timer.signal])).then(() => ({ type: 'tick' as const }));
  const change = pending.then((result) => (result.done === true ? undefined : { type: 'change' as const, value: result.value }));
  try {
    return await Promise.race([change, tick]);
  } finally {
    timer.abort();
    tick.catch(() => undefined);
    change.catch(() => undefined);
  }
}
