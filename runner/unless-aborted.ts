/** Waits for a promise, or rejects with the signal's reason when it aborts first; the work behind the promise goes on. */
export async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const listener = () => aborted.reject(signal.reason);
  if (signal.aborted) listener();
  signal.addEventListener('abort', listener, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', listener);
  }
}
