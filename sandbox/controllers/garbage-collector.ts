import { apiVersionOf } from '../api-version.ts';
import type { Store, StoredObject } from '../store.ts';
import { workQueue } from './work-queue.ts';

type Place = { apiVersion: string; kind: string; namespace: string | undefined; name: string };

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/**
 * Deletes what no owner is left of, and carries out how owners are deleted: with `Foreground` an owner stays until the dependents that
 * block it are gone, with `Orphan` its dependents forget it (kubernetes/pkg/controller/garbagecollector).
 */
export function startGarbageCollector(store: Store): () => void {
  const dependentsByOwner = new Map<string, Set<string>>();
  const queue = workQueue(store.clock, (key) => {
    const object = find(store, parsePlace(key));
    if (object !== undefined) collect(store, object, dependentsOf(object));
  });

  function dependentsOf({ metadata: { uid } }: StoredObject): StoredObject[] {
    const keys = [...(dependentsByOwner.get(uid) ?? [])];
    return keys
      .map((key) => find(store, parsePlace(key)))
      .filter((object): object is StoredObject => object !== undefined && isDependentOf(object, uid));
  }

  function remember(object: StoredObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const keys = dependentsByOwner.get(uid) ?? new Set();
      dependentsByOwner.set(uid, keys.add(placeOf(object)));
    }
    if (needsLook(object)) queue.add(placeOf(object));
  }

  function forget(object: StoredObject): void {
    const { uid, namespace, ownerReferences = [] } = object.metadata;
    for (const key of dependentsByOwner.get(uid) ?? []) queue.add(key);
    dependentsByOwner.delete(uid);
    for (const { apiVersion, kind, name, uid: owner } of ownerReferences) {
      dependentsByOwner.get(owner)?.delete(placeOf(object));
      queue.add(keyOf({ apiVersion, kind, namespace, name }));
    }
  }

  const unsubscribe = store.subscribe(({ type, object }) => {
    if (type === 'DELETED') forget(object);
    else remember(object);
  });
  for (const kind of store.kinds()) for (const object of store.list(kind)) remember(object);

  return () => {
    unsubscribe();
    queue.stop();
  };
}

function needsLook({ metadata }: StoredObject): boolean {
  return metadata.deletionTimestamp !== undefined || (metadata.ownerReferences?.length ?? 0) > 0;
}

function collect(store: Store, object: StoredObject, dependents: readonly StoredObject[]): void {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined) return removeIfOwnerless(store, object);
  if (finalizers.includes(ORPHAN)) {
    for (const dependent of dependents) disown(store, dependent, ({ uid }) => uid === object.metadata.uid);
    dropFinalizer(store, object, ORPHAN);
  }
  if (finalizers.includes(FOREGROUND)) removeAfterDependents(store, object, dependents);
}

function removeAfterDependents(store: Store, owner: StoredObject, dependents: readonly StoredObject[]): void {
  for (const dependent of dependents) {
    if (dependent.metadata.deletionTimestamp === undefined) remove(store, dependent, 'Foreground');
  }
  const isBlocked = dependents.some(
    (dependent) => find(store, wherePlaced(dependent)) !== undefined && blocks(dependent, owner.metadata.uid),
  );
  if (!isBlocked) dropFinalizer(store, owner, FOREGROUND);
}

/** Owners of the same name that came later do not count. */
function removeIfOwnerless(store: Store, object: StoredObject): void {
  const references = object.metadata.ownerReferences ?? [];
  const isAbsent = ({ apiVersion, kind, name, uid }: (typeof references)[number]) =>
    (
      find(store, { apiVersion, kind, namespace: object.metadata.namespace, name }) ??
      find(store, { apiVersion, kind, namespace: undefined, name })
    )?.metadata.uid !== uid;
  if (references.length === 0 || !references.some(isAbsent)) return;
  if (references.every(isAbsent)) remove(store, object, 'Background');
  else disown(store, object, isAbsent);
}

function remove(store: Store, { apiVersion, kind, metadata }: StoredObject, propagation: 'Foreground' | 'Background'): void {
  const { namespace, name, uid } = metadata;
  const served = store.kind(apiVersion, kind);
  if (store.get(served, namespace, name)?.metadata.uid === uid) store.remove(served, namespace, name, { uid, propagation });
}

type OwnerReference = NonNullable<StoredObject['metadata']['ownerReferences']>[number];

function disown(store: Store, object: StoredObject, isGone: (reference: OwnerReference) => boolean): void {
  const { apiVersion, kind, metadata } = object;
  store.mutate(store.kind(apiVersion, kind), metadata.namespace, metadata.name, (fresh) => {
    const { ownerReferences = [], ...rest } = fresh.metadata;
    const kept = ownerReferences.filter((reference) => !isGone(reference));
    return { ...fresh, metadata: { ...rest, ...(kept.length > 0 && { ownerReferences: kept }) } };
  });
}

function dropFinalizer(store: Store, { apiVersion, kind, metadata }: StoredObject, finalizer: string): void {
  store.mutate(store.kind(apiVersion, kind), metadata.namespace, metadata.name, (fresh) => ({
    ...fresh,
    metadata: { ...fresh.metadata, finalizers: (fresh.metadata.finalizers ?? []).filter((each) => each !== finalizer) },
  }));
}

function isDependentOf({ metadata }: StoredObject, owner: string): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === owner) === true;
}

function blocks({ metadata }: StoredObject, owner: string): boolean {
  return metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true) === true;
}

/** A kind that is not served, or no longer, has no objects. */
function find(store: Store, { apiVersion, kind, namespace, name }: Place): StoredObject | undefined {
  const served = store.kinds().find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  if (served === undefined || served.namespaced !== (namespace !== undefined)) return undefined;
  return store.get(served, namespace, name);
}

function wherePlaced({ apiVersion, kind, metadata: { namespace, name } }: StoredObject): Place {
  return { apiVersion, kind, namespace, name };
}

function placeOf(object: StoredObject): string {
  return keyOf(wherePlaced(object));
}

function keyOf({ apiVersion, kind, namespace, name }: Place): string {
  return JSON.stringify([apiVersion, kind, namespace ?? null, name]);
}

function parsePlace(key: string): Place {
  const [apiVersion, kind, namespace, name] = JSON.parse(key);
  return { apiVersion, kind, namespace: namespace ?? undefined, name };
}
