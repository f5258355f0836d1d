import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type SilentServer = {
  url: string;
  /** Resolves with the next request. */
  asked(): Promise<unknown>;
  close(): void;
};

/** A git server that never answers, so that a run of its repository goes on until it is ended. */
export async function startSilentServer(): Promise<SilentServer> {
  const server = createServer(() => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop.git`,
    asked: () => once(server, 'request'),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
