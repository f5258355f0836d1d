import { changedFields, compareFields } from './compare.ts';
import { difference, NO_FIELDS, union } from './field-set.ts';
import { readManagers, withFields, writeManagers, type Manager } from './managers.ts';
import type { Shape } from './shape.ts';

/**
 * The `managedFields` after a write other than apply: the manager owns what it added or changed, and nobody owns what it removed.
 * Rules of sigs.k8s.io/structured-merge-diff, merge/update.go.
 */
export function trackUpdate(live: any, next: any, manager: Manager, shape: Shape, time: string): any[] | undefined {
  const compared = compareFields(withoutIdentity(live), withoutIdentity(next), shape);
  const managers = withFields(
    readManagers(live.metadata),
    manager,
    (owned = NO_FIELDS) => union(difference(owned, compared.removed), union(compared.added, compared.modified)),
    changedFields(compared),
    time,
  );
  return writeManagers(managers);
}

/** An object without the fields that have no owner: k8s.io/apimachinery/pkg/util/managedfields/internal/stripmeta.go. */
export function withoutIdentity(object: any): any {
  const { apiVersion, kind, metadata = {}, ...rest } = object;
  const { name, namespace, creationTimestamp, selfLink, uid, generation, managedFields, resourceVersion, ...owned } = metadata;
  return { metadata: owned, ...rest };
}
