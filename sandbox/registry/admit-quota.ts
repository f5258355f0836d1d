import { forbidden } from '../status-errors.ts';
import type { ServedKind, Store, StoredObject } from '../store.ts';

/**
 * Refuses a pod that is one more than a ResourceQuota of its namespace allows; other resources that quotas limit are not counted.
 * Throws StatusError 403 in the words of the plugin ResourceQuota.
 */
export function admitQuota(store: Pick<Store, 'kind' | 'list'>, kind: ServedKind, { metadata: { name, namespace } }: StoredObject): void {
  const isFinished = ({ status }: StoredObject) => status?.phase === 'Succeeded' || status?.phase === 'Failed';
  for (const quota of store.list(store.kind('v1', 'ResourceQuota'), namespace)) {
    const { pods: limit, 'count/pods': count = limit } = quota.spec?.hard ?? {};
    if (count === undefined) continue;
    const used = store.list(kind, namespace).filter((pod) => !isFinished(pod)).length;
    if (used < Number(count)) continue;
    const why = `exceeded quota: ${quota.metadata.name}, requested: pods=1, used: pods=${used}, limited: pods=${count}`;
    throw forbidden(kind, name, why);
  }
}
