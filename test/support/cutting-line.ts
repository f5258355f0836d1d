import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A connection to a server through this process, which is cut in the middle of what is sent. */
export type CuttingLine = {
  port: number;
  /** How many connections were cut. */
  cuts(): number;
  close(): Promise<void>;
};

/** Cuts each connection on which more than `after` bytes came from its `end`, `times` times in all; then it is a good line. */
export async function openCuttingLine(
  port: number,
  { after, times, end = 'client' }: { after: number; times: number; end?: 'client' | 'server' },
): Promise<CuttingLine> {
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let sent = 0;
    const [counted, other] = end === 'client' ? [near, far] : [far, near];
    counted.on('data', (data) => {
      sent += data.length;
      if (sent > after && cuts < times) {
        cuts += 1;
        near.destroy();
        far.destroy();
      } else other.write(data);
    });
    other.on('data', (data) => counted.write(data));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    async close() {
      await once(server.close(), 'close');
    },
  };
}
