import type { ServerResponse } from 'node:http';

import type { Stream } from '../faults.ts';
import type { Watch, WatchMessage } from '../watch.ts';

/** How often a watch that wants bookmarks gets one, in milliseconds. */
const BOOKMARK_PERIOD = 60_000;

/**
 * Sends a watch's messages, one JSON document a line, until its lifetime is over or the client goes; on the machine's time, which is
 * that of the network. Gives what faults can do to it.
 */
export function sendWatch(
  response: ServerResponse,
  watch: Watch,
  encode: (message: WatchMessage) => unknown,
): Omit<Stream, 'verb' | 'resource'> {
  let isFrozen = false;
  const send = (message: WatchMessage) => {
    if (!isFrozen && !response.writableEnded) response.write(`${JSON.stringify(encode(message))}\n`);
  };
  const end = () => {
    if (watch.wantsBookmarks) send(watch.bookmark());
    if (!isFrozen) response.end();
  };

  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const unsubscribe = watch.begin(send);
  if (unsubscribe === undefined) {
    response.end();
  } else {
    const lifetime = setTimeout(end, watch.lifetime);
    const bookmarks = watch.wantsBookmarks ? setInterval(() => send(watch.bookmark()), BOOKMARK_PERIOD) : undefined;
    response.on('close', () => {
      clearTimeout(lifetime);
      clearInterval(bookmarks);
      unsubscribe();
    });
  }
  return {
    end,
    cut: () => response.destroy(),
    freeze: () => {
      isFrozen = true;
    },
  };
}
