import { badRequest, methodNotAllowed } from '../status-errors.ts';
import type { Store } from '../store.ts';
import type { Answer, ApiRequest } from './api-request.ts';
import { writeOptions } from './write-options.ts';

/** POST to a collection. */
export function createObject(store: Store, request: ApiRequest): Answer {
  const { kind, namespace, name, body } = request;
  if (name !== '') throw methodNotAllowed();
  if (kind.namespaced && namespace === undefined) throw badRequest('an empty namespace may not be set during creation');
  const warnings: string[] = [];
  return { code: 201, body: store.create(kind, namespace, body, writeOptions(request, warnings)), warnings };
}

/** PUT of an object, its status or its finalizers. */
export function updateObject(store: Store, request: ApiRequest): Answer {
  const { kind, namespace, name, subresource, body } = request;
  const warnings: string[] = [];
  if (name === '') throw methodNotAllowed();
  if (body?.metadata?.name === undefined) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  const isNew = store.get(kind, namespace, name) === undefined;
  const options = { ...writeOptions(request, warnings), status: subresource === 'status', finalize: subresource === 'finalize' };
  return { code: isNew ? 201 : 200, body: store.update(kind, namespace, name, body, options), warnings };
}
