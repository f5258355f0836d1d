import type { Clock } from '../clock.ts';

/**
 * The values of a source, as many at once as are there already; an empty batch after `silence` milliseconds without one, and again
 * after the next. Ends and throws as the source does; ending it early closes the source without waiting for it.
 */
export async function* batches<Value>(
  source: AsyncIterable<Value>,
  silence: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Value[]> {
  const values = source[Symbol.asyncIterator]();
  let next = values.next();
  try {
    while (true) {
      const first = await within(next, silence, clock, signal);
      if (first === 'silent') {
        yield [];
        continue;
      }
      if (first.done === true) return;

      const batch = [first.value];
      next = values.next();
      let more = await already(next);
      while (more !== 'pending' && more.done !== true) {
        batch.push(more.value);
        next = values.next();
        more = await already(next);
      }
      yield batch;
    }
  } finally {
    // Nobody waits for this value any more; its error, if it comes, is that of a connection already given up.
    next.catch(() => undefined);
    void values.return?.().catch(() => undefined);
  }
}

async function within<Value>(promise: Promise<Value>, milliseconds: number, clock: Clock, signal: AbortSignal): Promise<Value | 'silent'> {
  const settled = new AbortController();
  const timer = clock.sleep(milliseconds, AbortSignal.any([signal, settled.signal])).then(() => 'silent' as const);
  try {
    return await Promise.race([promise, timer]);
  } finally {
    settled.abort();
    timer.catch(() => undefined);
  }
}

/** What has arrived, and been parsed, settles before the event loop comes round. A failure waits for its turn after the batch. */
function already<Value>(promise: Promise<Value>): Promise<Value | 'pending'> {
  const turn = Promise.withResolvers<'pending'>();
  setImmediate(() => turn.resolve('pending'));
  return Promise.race([promise.catch(() => 'pending' as const), turn.promise]);
}
