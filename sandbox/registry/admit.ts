import { forbidden, notFound } from '../status-errors.ts';
import type { ServedKind, Store, StoredObject } from '../store.ts';
import { admitQuota } from './admit-quota.ts';

/**
 * The admission plugins that depend on other objects: a namespace must be there and not on its way out, a pod's service account must be
 * there, and its quota must leave room. The account `default` is taken for granted: a controller makes it in a real cluster. Throws
 * StatusError 403 or 404.
 */
export function admit(store: Pick<Store, 'kind' | 'get' | 'list'>, kind: ServedKind, object: StoredObject): void {
  if (!kind.namespaced) return;
  const { name, namespace } = object.metadata as { name: string; namespace: string };
  const namespaces = store.kind('v1', 'Namespace');
  const home = store.get(namespaces, undefined, namespace);
  if (home === undefined) throw notFound(namespaces, namespace);
  if (home.metadata.deletionTimestamp !== undefined) throw terminating(kind, name, namespace);
  if (kind.group !== '' || kind.kind !== 'Pod') return;
  admitServiceAccount(store, kind, object, namespace);
  admitQuota(store, kind, object);
}

function terminating(kind: ServedKind, name: string, namespace: string) {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  return forbidden(kind, name, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
}

function admitServiceAccount(store: Pick<Store, 'kind' | 'get'>, kind: ServedKind, pod: StoredObject, namespace: string): void {
  const { serviceAccountName } = pod.spec;
  if (serviceAccountName === 'default') return;
  if (store.get(store.kind('v1', 'ServiceAccount'), namespace, serviceAccountName) !== undefined) return;
  const why = `error looking up service account ${namespace}/${serviceAccountName}: serviceaccount "${serviceAccountName}" not found`;
  throw forbidden(kind, pod.metadata.name, why);
}
