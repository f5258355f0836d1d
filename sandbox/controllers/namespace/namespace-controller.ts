import type { ServedKind, Store, StoredObject } from '../../store.ts';
import { runController } from '../run-controller.ts';
import { writeStatus } from '../write-status.ts';
import { endingConditions, type Remains } from './ending-conditions.ts';

/**
 * Gives each namespace its ServiceAccount `default` and its ConfigMap `kube-root-ca.crt`, and empties namespaces that are being
 * deleted: they go when nothing is left in them.
 *
 * @param certificate of the authority, for `kube-root-ca.crt`; what serves plain HTTP has none
 */
export function startNamespaceController(store: Store, certificate = ''): () => void {
  return runController(store, {
    kind: store.kind('v1', 'Namespace'),
    concerned: ({ type, object }) =>
      type === 'DELETED' && object.metadata.namespace !== undefined ? { name: object.metadata.namespace } : undefined,
    reconcile(namespace) {
      if (namespace.metadata.deletionTimestamp === undefined) provide(store, namespace, certificate);
      else empty(store, namespace);
    },
  });
}

function provide(store: Store, { metadata: { name: namespace } }: StoredObject, certificate: string): void {
  const create = (kind: string, name: string, rest: object) => {
    const served = store.kind('v1', kind);
    if (store.get(served, namespace, name) !== undefined) return;
    store.create(served, namespace, { apiVersion: 'v1', kind, metadata: { name, namespace }, ...rest });
  };
  create('ServiceAccount', 'default', {});
  create('ConfigMap', 'kube-root-ca.crt', { data: { 'ca.crt': certificate } });
}

/** Everything is told to go; what takes its time (pods, objects with finalizers) brings the namespace up again when it is gone. */
function empty(store: Store, namespace: StoredObject): void {
  const { name } = namespace.metadata;
  const kinds = store.kinds().filter(({ namespaced }) => namespaced);
  for (const kind of kinds) {
    for (const { metadata } of store.list(kind, name)) {
      const isThere = store.get(kind, name, metadata.name)?.metadata.uid === metadata.uid;
      if (isThere && metadata.deletionTimestamp === undefined) store.remove(kind, name, metadata.name, { uid: metadata.uid });
    }
  }
  const remains = kinds.map((kind) => remainsOf(store, kind, name)).filter(({ count }) => count > 0);
  const conditions = endingConditions(namespace.status?.conditions ?? [], remains, store.clock.now());
  writeStatus(store, namespace, { ...namespace.status, phase: 'Terminating', conditions });
  if (remains.length > 0) return;
  store.mutate(store.kind('v1', 'Namespace'), undefined, name, (fresh) =>
    fresh.spec?.finalizers?.length ? { ...fresh, spec: { ...fresh.spec, finalizers: [] } } : undefined,
  );
}

function remainsOf(store: Store, kind: ServedKind, namespace: string): Remains {
  const objects = store.list(kind, namespace);
  return {
    resource: kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`,
    count: objects.length,
    finalizers: objects.flatMap(({ metadata }) => metadata.finalizers ?? []),
  };
}
