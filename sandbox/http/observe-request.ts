import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseApiPath } from '../routes/api-path.ts';
import { verbOf, type Verb } from '../routes/api-request.ts';

/** One request, as an audit log at the level Metadata has it; of a watch, when it ended. Requests about no resource are none. */
export type ObservedRequest = {
  verb: Verb;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  code: number;
  receivedAt: Date;
  answeredAt: Date;
};

/** Tells of a request once it is answered, or its connection gone. */
export function observeRequest(request: IncomingMessage, response: ServerResponse, tell: (observed: ObservedRequest) => void): void {
  const receivedAt = new Date();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
  const target = parseApiPath(pathname);
  const verb = verbOf(request.method ?? '', target?.name !== undefined, searchParams);
  if (target === undefined || verb === undefined) return;
  const { plural: resource, subresource, namespace, name } = target;
  const place = { resource, ...(subresource && { subresource }), ...(namespace && { namespace }), ...(name && { name }) };
  response.on('close', () => tell({ verb, ...place, code: response.statusCode, receivedAt, answeredAt: new Date() }));
}
