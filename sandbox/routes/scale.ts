import { mergePatch } from '../../kubernetes/patches/merge.ts';
import { invalid } from '../registry/field-error.ts';
import { conform } from '../schema/conform.ts';
import { badRequest, invalidObject, methodNotAllowed, unsupportedMediaType } from '../status-errors.ts';
import type { ServedKind, Store, StoredObject } from '../store.ts';
import type { Answer, ApiRequest } from './api-request.ts';
import { existing } from './read.ts';
import { writeOptions } from './write-options.ts';

/** Whether a kind has the subresource `scale`. */
export function isScalable({ group, kind }: ServedKind): boolean {
  return group === 'apps' && ['Deployment', 'ReplicaSet', 'StatefulSet'].includes(kind);
}

/** GET, PUT and PATCH (merge or strategic, which come to the same) of `scale`. */
export function scaleObject(store: Store, request: ApiRequest): Answer {
  const { verb, kind, namespace, name, body } = request;
  const current = existing(store, kind, namespace, name);
  if (verb === 'get') return { code: 200, body: scaleOf(current) };
  if (verb !== 'update' && verb !== 'patch') throw methodNotAllowed();

  const scale = verb === 'update' ? body : patchedScale(request, current);
  const replicas = scale?.spec?.replicas ?? 0;
  if (!Number.isInteger(replicas)) throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas is no integer');
  if (replicas < 0) {
    const error = invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, name, [error]);
  }
  const next = {
    ...current,
    metadata: { ...current.metadata, resourceVersion: scale?.metadata?.resourceVersion ?? current.metadata.resourceVersion },
    spec: { ...current.spec, replicas },
  };
  const warnings: string[] = [];
  return { code: 200, body: scaleOf(store.update(kind, namespace, name, next, writeOptions(request, warnings))), warnings };
}

function patchedScale({ contentType, body }: ApiRequest, current: StoredObject): any {
  const accepted = ['application/merge-patch+json', 'application/strategic-merge-patch+json'];
  if (!accepted.includes(contentType)) throw unsupportedMediaType(accepted);
  return mergePatch(scaleOf(current), body);
}

function scaleOf({ metadata, spec, status = {} }: StoredObject) {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = Object.entries(spec.selector.matchLabels ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas: status.replicas ?? 0, selector: selector.join(',') },
  };
  return conform(scale, 'Scale');
}
