import { isDeepStrictEqual } from 'node:util';

import type { Store, StoredObject } from '../store.ts';
import { controlledBy, controllerRef } from './ownership.ts';
import { templateHash } from './template-hash.ts';

/**
 * All templates that a StatefulSet or DaemonSet had, the oldest first; the last is that of now, created when it is new. `hashLabel` is
 * the label that carries the hash of a revision's template.
 */
export function syncRevisions(store: Store, owner: StoredObject, hashLabel: string): StoredObject[] {
  const kind = store.kind('apps/v1', 'ControllerRevision');
  const { namespace, name } = owner.metadata;
  const revisions = controlledBy(store, kind, owner).sort((one, other) => one['revision'] - other['revision']);
  const data = { spec: { template: { ...owner.spec.template, $patch: 'replace' } } };
  const last = revisions.at(-1);
  const same = revisions.findLast((revision) => isDeepStrictEqual(revision['data'], data));
  const next = (last?.['revision'] ?? 0) + 1;

  if (same !== undefined && same === last) return revisions;
  if (same !== undefined) {
    // Going back to an earlier template makes its revision the newest.
    const renewed = store.mutate(kind, namespace, same.metadata.name, (revision) => ({ ...revision, revision: next }));
    return [...revisions.filter((revision) => revision !== same), renewed ?? same];
  }
  const hash = templateHash(owner.spec.template);
  const created = store.create(kind, namespace, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      labels: { ...owner.spec.selector.matchLabels, [hashLabel]: hash },
      ownerReferences: [controllerRef(owner)],
    },
    data: structuredClone(data),
    revision: next,
  });
  return [...revisions, created];
}

/** The owner as it was at a revision. */
export function atRevision(owner: StoredObject, revision: StoredObject): StoredObject {
  const { $patch: _, ...template } = revision['data'].spec.template;
  return { ...owner, spec: { ...owner.spec, template } };
}
