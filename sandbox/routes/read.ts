import { apiVersionOf } from '../api-version.ts';
import { parseFieldSelector, parseLabelSelector } from '../selectors.ts';
import { expired, notFound } from '../status-errors.ts';
import { StatusError, type ServedKind, type Store, type StoredObject } from '../store.ts';
import type { Answer, ApiRequest } from './api-request.ts';
import { listOptions } from './list-options.ts';

type Objects = Pick<Store, 'get' | 'list' | 'revision'>;

export function getObject(store: Objects, { kind, namespace, name }: ApiRequest): Answer {
  return { code: 200, body: existing(store, kind, namespace, name) };
}

/** All that the selectors match, whatever `limit` says: the API lets a server give more at once. */
export function listObjects(store: Objects, request: ApiRequest): Answer {
  const { kind, namespace, query } = request;
  listOptions(query, 'list');
  checkVersion(store.revision(), query);
  const items = store.list(kind, namespace).filter(selected(request));
  const body = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: { resourceVersion: store.revision() }, items };
  return { code: 200, body };
}

/** There are no objects of the past or of the future. */
function checkVersion(revision: string, query: URLSearchParams): void {
  const wanted = query.get('resourceVersion') ?? '';
  if (wanted === '' || wanted === '0') return;
  if (Number(wanted) > Number(revision)) {
    const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
    const message = `Timeout: Too large resource version: ${wanted}, current: ${revision}`;
    throw new StatusError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
  }
  if (query.get('resourceVersionMatch') === 'Exact' && wanted !== revision) throw expired();
}

/** Whether an object is one of those that the query's selectors want. Throws StatusError 400. */
export function selected({ kind, name, query }: Pick<ApiRequest, 'kind' | 'name' | 'query'>): (object: StoredObject) => boolean {
  const byLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const byFields = parseFieldSelector(query.get('fieldSelector') ?? '', kind);
  return (object) => (name === '' || object.metadata.name === name) && byLabels(object) && byFields(object);
}

/** Throws StatusError 404. */
export function existing(store: Pick<Store, 'get'>, kind: ServedKind, namespace: string | undefined, name: string): StoredObject {
  const object = store.get(kind, namespace, name);
  if (object === undefined) throw notFound(kind, name);
  return object;
}
