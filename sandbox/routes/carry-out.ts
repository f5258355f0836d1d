import { methodNotAllowed, noSuchResource } from '../status-errors.ts';
import type { Store } from '../store.ts';
import type { Answer, ApiRequest } from './api-request.ts';
import { patchObject } from './patch.ts';
import { getObject, listObjects } from './read.ts';
import { deleteCollection, deleteObject } from './remove.ts';
import { isScalable, scaleObject } from './scale.ts';
import { createObject, updateObject } from './write.ts';

/** Does what a request asks for, on the objects of the store. Throws StatusError. */
export function carryOut(store: Store, request: ApiRequest): Answer {
  const { kind, verb, subresource } = request;
  if (subresource === 'scale' && isScalable(kind)) return scaleObject(store, request);
  checkSubresource(request);
  switch (verb) {
    case 'get':
      return getObject(store, request);
    case 'list':
      return listObjects(store, request);
    case 'create':
      return createObject(store, request);
    case 'update':
      return updateObject(store, request);
    case 'patch':
      return patchObject(store, request);
    case 'delete':
      if (subresource !== undefined) throw methodNotAllowed();
      return deleteObject(store, request);
    case 'deletecollection':
      return deleteCollection(store, request);
    case 'watch':
      throw methodNotAllowed();
  }
}

/** Of pods: what a real server has and the sandbox does not. */
const LEFT_OUT = ['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'portforward', 'proxy', 'resize', 'token'];

function checkSubresource({ kind, verb, subresource }: ApiRequest): void {
  if (subresource === undefined) return;
  if (LEFT_OUT.includes(subresource.split('/')[0]!)) {
    throw methodNotAllowed(`the sandbox does not implement ${kind.plural}/${subresource}`);
  }
  const isStatus = subresource === 'status' && kind.status;
  const isFinalize = subresource === 'finalize' && kind.group === '' && kind.kind === 'Namespace';
  if (!isStatus && !isFinalize) throw noSuchResource();
  if (verb === 'create' || (isFinalize && verb !== 'update')) throw methodNotAllowed();
}
