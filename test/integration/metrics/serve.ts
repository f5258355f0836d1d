import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Request = { method: string; path: string; query: URLSearchParams; headers: IncomingHttpHeaders; body: string };
/** `reset` is the connection's end before an answer, `cut` one in the middle of it. */
export type Response = { status?: number; headers?: Record<string, string>; body: unknown } | 'reset' | 'cut';

export type TestServer = { url: string; host: string; requests: Request[]; close(): Promise<void> };

/** With `ca` the server asks its clients for a certificate of that authority. */
type Tls = { cert: string; key: string; ca?: string };

/** A server on the loopback address that answers each request as `respond` says; over TLS with a certificate. */
export async function serve(respond: (request: Request) => Response, tls?: Tls): Promise<TestServer> {
  const requests: Request[] = [];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = await readRequest(incoming);
    requests.push(request);
    const response = respond(request);
    if (response === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (response === 'cut') {
      outgoing.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' });
      outgoing.write('{"half":', () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(response.status ?? 200, { 'Content-Type': 'application/json', ...response.headers });
    outgoing.end(typeof response.body === 'string' ? response.body : JSON.stringify(response.body));
  };
  const listener: RequestListener = (incoming, outgoing) => void answer(incoming, outgoing);
  const server =
    tls === undefined ? createServer(listener) : createTlsServer({ ...tls, ...(tls.ca !== undefined && { requestCert: true }) }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${tls === undefined ? 'http' : 'https'}://${host}`, host, requests, close: () => close(server) };
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://any');
  return {
    method: incoming.method ?? '',
    path: pathname,
    query: searchParams,
    headers: incoming.headers,
    body: await text(incoming),
  };
}

function close(server: Pick<Server, 'close' | 'closeAllConnections'>): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
