import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A connection to a server through this process, which lets only so much through. */
export type ThrottledLine = {
  port: number;
  close(): Promise<void>;
};

/**
 * Passes on `bytes` of what the server answers in each of `every` milliseconds, and nothing any more, without closing, after `total` of them on a
 * connection; what goes to the server is not held up.
 */
export async function openThrottledLine(
  port: number,
  { bytes, every, total = Infinity }: { bytes: number; every: number; total?: number },
): Promise<ThrottledLine> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let waiting = Buffer.alloc(0);
    let passed = 0;
    const timer = setInterval(() => {
      const part = waiting.subarray(0, Math.min(bytes, total - passed));
      waiting = waiting.subarray(part.length);
      passed += part.length;
      if (part.length > 0) near.write(part);
    }, every);
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => (waiting = Buffer.concat([waiting, data])));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.on('close', () => {
      clearInterval(timer);
      far.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
