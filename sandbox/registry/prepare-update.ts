import { isDeepStrictEqual } from 'node:util';

import { apiVersionOf } from '../api-version.ts';
import { objectShape } from '../managed-fields/shape.ts';
import { trackUpdate } from '../managed-fields/track.ts';
import { badRequest, conflict, invalidObject } from '../status-errors.ts';
import type { NewObject, ServedKind, StoredObject, WriteOptions } from '../store.ts';
import { decode } from './decode.ts';
import { invalid } from './field-error.ts';
import { rulesOf, type KindRules } from './kind-rules.ts';
import { timestamp } from '../timestamp.ts';
import { metadataErrors, metadataUpdateErrors } from './validation/metadata.ts';

export type UpdateOptions = WriteOptions & {
  /** Which part is written: the status alone, a Namespace's finalizers alone, all but those, or all but the status. */
  part: 'status' | 'finalize' | 'main' | 'controlled';
};

/**
 * The object that replaces `current`, short of its resourceVersion; `current` itself when nothing changes. Throws StatusError 400, 409
 * or 422. The order of k8s.io/apiserver/pkg/registry/generic/registry/store.go, Update.
 */
export function prepareUpdate(
  kind: ServedKind,
  current: StoredObject,
  given: NewObject,
  now: Date,
  { part, manager, onUnknownFields }: UpdateOptions,
): StoredObject {
  const rules = rulesOf(kind);
  const unknown: string[] = [];
  const decoded = decode(kind, given, unknown);
  if (unknown.length > 0) onUnknownFields?.(unknown);
  checkIdentity(kind, rules, current, decoded.metadata, part);

  const draft = draftOf(kind, current, decoded, part);
  rules.complete(draft);
  if (manager !== 'given') {
    draft.metadata.managedFields = trackUpdate(
      current,
      draft,
      {
        name: manager ?? 'kube-controller-manager',
        operation: 'Update',
        apiVersion: apiVersionOf(kind),
        subresource: part === 'status' || part === 'finalize' ? part : undefined,
      },
      objectShape(rules.schema),
      timestamp(now),
    );
  }
  const next: StoredObject = decode(kind, draft);
  if (isDeepStrictEqual(next, current)) return current;

  const errors = [
    ...metadataErrors(next.metadata, rules.name),
    ...metadataUpdateErrors(next.metadata, current.metadata),
    ...(part === 'status' ? [] : [...rules.validate(next), ...rules.validateUpdate(next, current)]),
  ];
  if (errors.length > 0) throw invalidObject(kind, current.metadata.name, errors);
  return withGeneration(rules, current, next, part);
}

function checkIdentity(kind: ServedKind, rules: KindRules, current: StoredObject, metadata: any, part: UpdateOptions['part']): void {
  const { name, namespace, uid, resourceVersion } = current.metadata;
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (metadata.uid !== undefined && metadata.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`;
    throw conflict(kind, name, why);
  }
  if (metadata.resourceVersion === undefined) {
    if (rules.unconditionalUpdate || part === 'controlled') return;
    const resource = { group: kind.group, kind: kind.plural };
    throw invalidObject(resource, name, [invalid('metadata.resourceVersion', 0, 'must be specified for an update')]);
  }
  if (metadata.resourceVersion !== resourceVersion) {
    throw conflict(kind, name, 'the object has been modified; please apply your changes to the latest version and try again');
  }
}

/** What the write takes over, on top of what only the server sets. */
function draftOf(kind: ServedKind, current: StoredObject, decoded: any, part: UpdateOptions['part']): any {
  const { metadata } = current;
  if (part === 'status') return { ...structuredClone(current), status: decoded.status };
  if (part === 'finalize') return { ...structuredClone(current), spec: { ...current.spec, finalizers: decoded.spec.finalizers } };

  const { uid, name, namespace, generateName, creationTimestamp, generation, resourceVersion } = metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds, managedFields } = metadata;
  const identity = { uid, name, namespace, generateName, creationTimestamp, generation, resourceVersion };
  const draft = {
    ...decoded,
    metadata: { managedFields, ...decoded.metadata, ...identity, deletionTimestamp, deletionGracePeriodSeconds },
  };
  if (kind.status) draft.status = structuredClone(current.status);
  // The registry gives these away only through the subresource.
  if (part === 'main' && kind.kind === 'Namespace' && kind.group === '') draft.spec.finalizers = current.spec.finalizers;
  if (kind.kind === 'Service' && kind.group === '') keepAddress(draft.spec, current.spec);
  return draft;
}

/** Who does not know a Service's addresses keeps them. */
function keepAddress(spec: any, current: any): void {
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) spec[field] ??= current[field];
}

/** Controllers write annotations of a Deployment together with its status, where they do not count. */
function withGeneration({ generation }: KindRules, current: StoredObject, next: StoredObject, part: UpdateOptions['part']): StoredObject {
  if (generation === 'none' || current.metadata.generation === undefined) return next;
  const relevant = ({ metadata, status, ...rest }: StoredObject) => {
    if (generation === 'object') return { ...rest, status };
    return generation === 'annotations' && part === 'main' ? { ...rest, annotations: metadata.annotations } : unbound(rest);
  };
  if (isDeepStrictEqual(relevant(next), relevant(current))) return next;
  return { ...next, metadata: { ...next.metadata, generation: current.metadata.generation + 1 } };
}

/** That a pod is bound to a node counts for no change of it: it comes about through the subresource `binding`. */
function unbound({ spec, ...rest }: any): any {
  return rest.kind === 'Pod' ? { ...rest, spec: { ...spec, nodeName: undefined } } : { ...rest, spec };
}
