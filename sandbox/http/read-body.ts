import type { IncomingMessage } from 'node:http';

import { load } from 'js-yaml';

import { badRequest, unsupportedMediaType } from '../status-errors.ts';
import { StatusError } from '../store.ts';

/** The API server's limit, in bytes. */
const LARGEST = 3 * 1024 * 1024;
const JSON_TYPE = /^application\/([a-z-]+\+)?json$/;
const YAML_TYPE = /^application\/([a-z-]+\+)?yaml$/;

/** The media type of a request's body, without its parameters. */
export function contentTypeOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? 'application/json').split(';')[0]!.trim();
}

/** The parsed body; undefined for an empty one. Throws StatusError 400, 413 and, for protobuf and CBOR, 415. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST) throw new StatusError(413, 'RequestEntityTooLarge', `the request is larger than ${LARGEST} bytes`);
  }
  if (size === 0) return undefined;

  const type = contentTypeOf(request);
  const text = Buffer.concat(chunks).toString('utf8');
  if (JSON_TYPE.test(type)) return parse(() => JSON.parse(text), 'JSON');
  if (YAML_TYPE.test(type)) return parse(() => load(text), 'YAML');
  throw unsupportedMediaType(['application/json', 'application/yaml']);
}

function parse(read: () => unknown, language: string): unknown {
  try {
    return read();
  } catch (error) {
    throw badRequest(`the body of the request is no ${language}: ${(error as Error).message}`);
  }
}
