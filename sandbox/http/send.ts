import type { ServerResponse } from 'node:http';

import { StatusError } from '../store.ts';

/** Answers with a JSON document; warnings go into headers, as kubectl prints them (RFC 9111, code 299). */
export function sendJson(response: ServerResponse, code: number, body: unknown, warnings: readonly string[] = []): void {
  const text = JSON.stringify(body);
  if (warnings.length > 0)
    response.setHeader(
      'warning',
      warnings.map((warning) => `299 - ${JSON.stringify(warning)}`),
    );
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Where nothing is served at all, not even the API's own errors. */
export function sendNothing(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('404 page not found\n');
}

/** To a request whose address Go's server cannot read; it looks at nothing else of it. */
export function sendMalformed(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end('400 Bad Request');
}

/** Answers with a Status; anything but a StatusError is a mistake of the sandbox and shows its stack. */
export function sendError(response: ServerResponse, error: unknown): void {
  const { code, reason, message, details } =
    error instanceof StatusError
      ? error
      : new StatusError(500, 'InternalError', `the sandbox failed: ${error instanceof Error ? error.stack : String(error)}`);
  if (response.headersSent) {
    response.destroy(error instanceof Error ? error : undefined);
    return;
  }
  sendJson(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });
}
