import type { ServedKind, Store, StoredObject } from '../store.ts';

type OwnerReference = NonNullable<StoredObject['metadata']['ownerReferences']>[number];

/** The reference by which a controller owns what it creates. */
export function controllerRef({ apiVersion, kind, metadata: { name, uid } }: StoredObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export function controllerOf(object: StoredObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** The objects of a kind that the owner controls, by uid: a namesake of an owner that was deleted owns nothing. */
export function controlledBy(store: Pick<Store, 'list'>, kind: ServedKind, owner: StoredObject): StoredObject[] {
  return store.list(kind, owner.metadata.namespace).filter((object) => controllerOf(object)?.uid === owner.metadata.uid);
}
