import { createHash } from 'node:crypto';

import type { Store, StoredObject } from '../store.ts';
import { timestamp } from '../timestamp.ts';

export type Occurrence = {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** Who says so, such as `job-controller`. */
  component: string;
  /** The part of the object that it is about, such as `spec.containers{main}`. */
  fieldPath?: string;
  /** The node that reports it. */
  host?: string;
};

/** Tells of something that happened to an object; the same again raises the count of the Event there is. */
export function recordEvent(store: Store, about: StoredObject, occurrence: Occurrence): void {
  const kind = store.kind('v1', 'Event');
  const namespace = about.metadata.namespace ?? 'default';
  const name = `${about.metadata.name}.${digest(about, occurrence)}`;
  const now = timestamp(store.clock.now());

  const counted = store.mutate(kind, namespace, name, (event) => ({
    ...event,
    count: event['count'] + 1,
    lastTimestamp: now,
  }));
  if (counted !== undefined || isEnding(store, namespace)) return;
  store.create(kind, namespace, { ...newEvent(about, occurrence, now), metadata: { name, namespace } });
}

/** The same occurrence has the same name: that is how it is found again. */
function digest({ metadata: { uid } }: StoredObject, { type, reason, message, component, fieldPath }: Occurrence): string {
  const text = JSON.stringify([uid, type, reason, message, component, fieldPath]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A namespace that is being deleted takes nothing new. */
function isEnding(store: Store, namespace: string): boolean {
  return store.get(store.kind('v1', 'Namespace'), undefined, namespace)?.metadata.deletionTimestamp !== undefined;
}

function newEvent(about: StoredObject, { type, reason, message, component, fieldPath, host }: Occurrence, now: string) {
  const { name, namespace, uid, resourceVersion } = about.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      resourceVersion,
      ...(fieldPath !== undefined && { fieldPath }),
    },
    type,
    reason,
    message,
    count: 1,
    eventTime: null,
    firstTimestamp: now,
    lastTimestamp: now,
    reportingComponent: component,
    reportingInstance: host ?? '',
    source: { component, ...(host !== undefined && { host }) },
  };
}
