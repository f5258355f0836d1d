import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';

export type Received = {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: any;
};

/** Answers one request; `nth` counts from 0. */
export type Answer = (request: Received, response: ServerResponse, nth: number) => void;

export type ScriptedServer = {
  url: string;
  requests: Received[];
  /** How many connections were opened. */
  connections(): number;
  /** Answers differently from now on. */
  answer(next: Answer): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** An API server of a few lines on the loopback: a test says what it answers and looks at what it was asked. */
export async function startServer(first: Answer): Promise<ScriptedServer> {
  const requests: Received[] = [];
  let connections = 0;
  let answer = first;
  const server = createServer((incoming, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(incoming.url!, 'http://server');
      const body = incoming.headers['content-type'] === undefined ? await text(incoming) : await json(incoming);
      const { method, headers } = incoming;
      const received = { method: method!, path: pathname, query: Object.fromEntries(searchParams), headers, body };
      answer(received, response, requests.push(received) - 1);
    })();
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    answer: (next) => (answer = next),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function sendStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  message = reason,
  headers: Record<string, string> = {},
): void {
  sendJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, code, headers);
}

/** Begins a watch's answer, or goes on with it. */
export function sendEvent(response: ServerResponse, type: string, object: unknown): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`${JSON.stringify({ type, object })}\n`);
}

/** The connection breaks before an answer. */
export function hangUp(response: ServerResponse): void {
  response.socket!.destroy();
}
