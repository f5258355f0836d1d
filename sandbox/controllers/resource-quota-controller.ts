import type { Store } from '../store.ts';
import { isFinished } from './pod-state.ts';
import { runController } from './run-controller.ts';
import { writeStatus } from './write-status.ts';

/** Counts the pods of each ResourceQuota that limits them; other limits are neither counted nor enforced. */
export function startResourceQuotaController(store: Store): () => void {
  const pods = store.kind('v1', 'Pod');
  const quotas = store.kind('v1', 'ResourceQuota');
  return runController(store, {
    kind: quotas,
    concerned({ kind, object }) {
      if (kind.plural !== 'pods') return undefined;
      const { namespace } = object.metadata;
      const [quota] = store.list(quotas, namespace);
      return quota && { namespace: namespace!, name: quota.metadata.name };
    },
    reconcile(quota) {
      const hard = quota.spec?.hard ?? {};
      const used = store.list(pods, quota.metadata.namespace).filter((pod) => !isFinished(pod)).length;
      writeStatus(store, quota, { hard, used: 'pods' in hard ? { pods: String(used) } : {} });
    },
  });
}
