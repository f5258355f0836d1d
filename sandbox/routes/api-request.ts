import type { ServedKind } from '../store.ts';
import { booleanOption } from './query-options.ts';

/** A request for a resource that is served, its body parsed. */
export type ApiRequest = {
  verb: Verb;
  kind: ServedKind;
  namespace: string | undefined;
  /** Empty when the request is about a collection. */
  name: string;
  subresource: string | undefined;
  query: URLSearchParams;
  contentType: string;
  userAgent: string;
  body: any;
};

/** As RBAC and audit logs have it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What is sent back, before it is put into the form that the client accepts. */
export type Answer = { code: number; body: any; warnings?: readonly string[] };

/** The verb of a request; undefined for a method that the API does not have. */
export function verbOf(method: string, hasName: boolean, query: URLSearchParams): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (hasName) return 'get';
      return booleanOption(query, 'watch') === true ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return hasName ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}
