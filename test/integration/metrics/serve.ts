import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Request = { path: string; query: URLSearchParams };
export type Response = { status?: number; headers?: Record<string, string>; body: unknown } | 'reset';

export type TestServer = { url: string; requests: Request[]; close(): Promise<void> };

/** A server on the loopback address that answers each request as `respond` says, by the connection's end for `reset`. */
export async function serve(respond: (request: Request) => Response): Promise<TestServer> {
  const requests: Request[] = [];
  const server = createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://any');
    const request = { path: pathname, query: searchParams };
    requests.push(request);
    const response = respond(request);
    if (response === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    outgoing.writeHead(response.status ?? 200, { 'Content-Type': 'application/json', ...response.headers });
    outgoing.end(typeof response.body === 'string' ? response.body : JSON.stringify(response.body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
