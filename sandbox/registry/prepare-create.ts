import { randomUUID } from 'node:crypto';

import { apiVersionOf } from '../api-version.ts';
import { objectShape } from '../managed-fields/shape.ts';
import { trackUpdate } from '../managed-fields/track.ts';
import { badRequest, invalidObject } from '../status-errors.ts';
import { StatusError, type NewObject, type ServedKind, type StoredObject, type WriteOptions } from '../store.ts';
import { decode, emptyObject } from './decode.ts';
import { generatedName } from './generated-name.ts';
import { rulesOf } from './kind-rules.ts';
import { timestamp } from '../timestamp.ts';
import { metadataErrors } from './validation/metadata.ts';

/**
 * The object that a POST stores, short of its resourceVersion: decoded, completed, admitted and validated. `others` gives the objects of
 * its kind. Throws StatusError 400 or 422. The order of k8s.io/apiserver/pkg/registry/generic/registry/store.go, Create.
 */
export function prepareCreate(
  kind: ServedKind,
  namespace: string | undefined,
  given: NewObject,
  others: () => readonly StoredObject[],
  now: Date,
  { manager, onUnknownFields }: WriteOptions,
): StoredObject {
  const rules = rulesOf(kind);
  const unknown: string[] = [];
  const draft = decode(kind, withoutStatus(kind, given), unknown);
  if (unknown.length > 0) onUnknownFields?.(unknown);
  if (draft.metadata.resourceVersion !== undefined) {
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  takeNamespace(kind, namespace, draft.metadata);

  const { generateName } = draft.metadata;
  if (draft.metadata.name === undefined && generateName !== undefined) draft.metadata.name = generatedName(generateName);
  rules.complete(draft);
  if (manager !== 'given') {
    draft.metadata.managedFields = trackUpdate(
      emptyObject(kind),
      draft,
      { name: manager ?? 'kube-controller-manager', operation: 'Update', apiVersion: apiVersionOf(kind), subresource: undefined },
      objectShape(rules.schema),
      timestamp(now),
    );
  }
  identify(draft.metadata, rules.generation !== 'none', now);
  rules.begin(draft, others());

  const errors = [...metadataErrors(draft.metadata, rules.name), ...rules.validate(draft)];
  if (errors.length > 0) throw invalidObject(kind, draft.metadata.name ?? '', errors);
  return decode(kind, draft);
}

/** A status is the result of something; a new object has none yet. */
function withoutStatus(kind: ServedKind, given: NewObject): NewObject {
  if (!kind.status || rulesOf(kind).keepsStatus || typeof given !== 'object' || given === null) return given;
  const { status, ...rest } = given;
  return rest;
}

function takeNamespace(kind: ServedKind, namespace: string | undefined, metadata: any): void {
  if (!kind.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace;
}

function identify(metadata: any, countsGenerations: boolean, now: Date): void {
  for (const field of ['selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation']) delete metadata[field];
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(now);
  if (countsGenerations) metadata.generation = 1;
}
