import { StatusError, type NewObject, type Store, type StoredObject } from '../store.ts';
import { controllerRef } from './ownership.ts';
import { recordEvent } from './record-event.ts';

export type PodIdentity = {
  /** Absent: a name is generated from the owner's. */
  name?: string;
  /** The beginning of a generated name [the owner's name and a hyphen]. */
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: readonly string[];
  spec?: Record<string, unknown>;
};

/** A pod of its owner's template, with what makes it this one. */
export function podFrom(owner: StoredObject, identity: PodIdentity = {}): NewObject {
  const { metadata = {}, spec } = owner.spec.template;
  const { name } = identity;
  return structuredClone({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name !== undefined && { name }),
      generateName: identity.generateName ?? `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels: { ...metadata.labels, ...identity.labels },
      ...((metadata.annotations || identity.annotations) && {
        annotations: { ...metadata.annotations, ...identity.annotations },
      }),
      finalizers: [...(metadata.finalizers ?? []), ...(identity.finalizers ?? [])],
      ownerReferences: [controllerRef(owner)],
    },
    spec: { ...spec, ...identity.spec },
  });
}

/**
 * Creates a pod of the owner and says so in an event; a refusal, such as a quota's, becomes the event `FailedCreate` and is thrown on.
 * `says` words the success.
 */
export function createPod(
  store: Store,
  owner: StoredObject,
  pod: NewObject,
  component: string,
  says = (name: string) => `Created pod: ${name}`,
): void {
  try {
    const created = store.create(store.kind('v1', 'Pod'), owner.metadata.namespace, pod);
    const message = says(created.metadata.name);
    recordEvent(store, owner, { type: 'Normal', reason: 'SuccessfulCreate', message, component });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const message = `Error creating: ${error.message}`;
    recordEvent(store, owner, { type: 'Warning', reason: 'FailedCreate', message, component });
    throw error;
  }
}

/** Deletes a pod of the owner and says so in an event; a pod that is gone already is no matter. */
export function deletePod(
  store: Store,
  owner: StoredObject,
  pod: StoredObject,
  component: string,
  says = (name: string) => `Deleted pod: ${name}`,
): void {
  const { namespace, name, uid } = pod.metadata;
  const kind = store.kind('v1', 'Pod');
  if (store.get(kind, namespace, name)?.metadata.uid !== uid) return;
  store.remove(kind, namespace, name, { uid });
  recordEvent(store, owner, { type: 'Normal', reason: 'SuccessfulDelete', message: says(name), component });
}
