import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { GIT_ENVIRONMENT } from './git-repository.ts';

/** A git server, on the loopback unless another host is given; `login`, `intercept` and `loseAnswer` may be changed while it runs. */
export type GitHttpServer = {
  /** URL of the folder; a repository is at `${url}/remote.git`. */
  url: string;
  /** `user:password` that is asked for, or a bearer token as `Bearer …`; undefined lets everybody read and write. */
  login: string | undefined;
  /** Answers a request itself by returning a status. */
  intercept: (request: { method: string; path: string }) => number | undefined;
  /** Serves the request and then closes the connection instead of answering. */
  loseAnswer: (request: { method: string; path: string }) => boolean;
  /** Whether clients may use version 2 of the protocol (gitprotocol-v2(5)); older servers do not know it. */
  speaksVersion2: boolean;
  /** Bytes of all answers' bodies so far. */
  sent: number;
  /** `GET /remote.git/info/refs?service=git-upload-pack` and so on, in order. */
  requests: string[];
  close(): Promise<void>;
};

/**
 * Serves the bare repositories of a folder over git's smart HTTP protocol, with TLS where it is given a certificate, by `git http-backend`
 * as CGI (gitprotocol-http(5)).
 */
export async function startGitHttpServer(
  folder: string,
  login?: string,
  { host = '127.0.0.1', tls }: { host?: string; tls?: { key: Buffer; cert: Buffer } } = {},
): Promise<GitHttpServer> {
  const answerRequest = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    state.requests.push(`${request.method} ${path}`);
    const status = state.intercept({ method: request.method ?? '', path });
    if (status !== undefined) return void response.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html>\n');
    if (!authorized(request, state.login)) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    if (!state.speaksVersion2) delete request.headers['git-protocol'];
    serve(folder, request, response, {
      lose: state.loseAnswer({ method: request.method ?? '', path }),
      onBody: (bytes) => (state.sent += bytes),
    });
  };
  const server = tls === undefined ? createServer(answerRequest) : createSecureServer(tls, answerRequest);
  server.listen(0, host);
  await once(server, 'listening');

  const state: GitHttpServer = {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${(server.address() as AddressInfo).port}`,
    login,
    intercept: () => undefined,
    loseAnswer: () => false,
    speaksVersion2: true,
    sent: 0,
    requests: [],
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return state;
}

function authorized({ headers }: IncomingMessage, login: string | undefined): boolean {
  if (login?.startsWith('Bearer ') === true) return headers.authorization === login;
  return login === undefined || headers.authorization === `Basic ${Buffer.from(login).toString('base64')}`;
}

function serve(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  { lose, onBody }: { lose: boolean; onBody: (bytes: number) => void },
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...GIT_ENVIRONMENT,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-length'] && { CONTENT_LENGTH: request.headers['content-length'] }),
      ...(request.headers['content-encoding'] && { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] }),
      ...(request.headers['git-protocol'] && { GIT_PROTOCOL: String(request.headers['git-protocol']) }),
      // Anonymous pushes are off in http-backend; who came here was let in.
      REMOTE_USER: 'runner',
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  // The backend may answer before it has read everything.
  backend.stdin.on('error', () => request.resume());
  if (lose) backend.stdout.resume().on('end', () => response.destroy());
  else answer(backend.stdout, response, onBody);
}

/** CGI: header lines, an empty line, the body (RFC 3875, 6). */
function answer(output: NodeJS.ReadableStream, response: ServerResponse, onBody: (bytes: number) => void): void {
  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    output.off('data', readHead);
    const headers = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(/: (.*)/s, 2) as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1];
    response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), headers.filter(([name]) => name !== 'Status').flat());
    const body = head.subarray(end + 4);
    response.write(body);
    onBody(body.length);
    output.on('data', (more: Buffer) => onBody(more.length)).pipe(response);
  };
  output.on('data', readHead);
  output.on('end', () => response.end());
}
