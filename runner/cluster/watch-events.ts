import { noAnswer, statusError } from './failure.ts';
import type { WatchEvent } from './port.ts';

/**
 * The events of a watch's body, one JSON document a line, until the server ends it. An ERROR event becomes the ClusterError it holds,
 * a connection that breaks one with status 0; when `signal` aborts its reason is thrown.
 */
export async function* watchEvents(body: AsyncIterable<Uint8Array>, what: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  for await (const line of lines(body, what, signal)) {
    const { type, object } = JSON.parse(line);
    if (type === 'ERROR') throw statusError(what, object.code ?? 500, object);
    yield type === 'BOOKMARK' ? { type, resourceVersion: object.metadata.resourceVersion } : { type, object };
  }
}

/** A last line without its end is dropped: the server died while it wrote, and who resumes gets that event again. */
async function* lines(body: AsyncIterable<Uint8Array>, what: string, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = '';
  const chunks = body[Symbol.asyncIterator]();
  try {
    while (true) {
      const chunk = await nextChunk(chunks, what, signal);
      if (chunk.done === true) return;
      const parts = (begun + decoder.decode(chunk.value, { stream: true })).split('\n');
      begun = parts.pop()!;
      yield* parts.filter((part) => part !== '');
    }
  } finally {
    await chunks.return?.();
  }
}

/** Only the network's errors are translated, never those of whoever consumes the lines. */
async function nextChunk(chunks: AsyncIterator<Uint8Array>, what: string, signal: AbortSignal): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next();
  } catch (error) {
    signal.throwIfAborted();
    throw noAnswer(what, error).error;
  }
}
