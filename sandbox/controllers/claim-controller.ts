import type { Store } from '../store.ts';
import { runController } from './run-controller.ts';
import { writeStatus } from './write-status.ts';

/** Binds every PersistentVolumeClaim at once, as if a class provisioned it; there are no PersistentVolumes behind them. */
export function startClaimController(store: Store): () => void {
  const kind = store.kind('v1', 'PersistentVolumeClaim');
  return runController(store, {
    kind,
    reconcile(claim) {
      if (claim.status?.phase === 'Bound') return;
      const { namespace, name, uid } = claim.metadata;
      store.mutate(kind, namespace, name, (fresh) => ({
        ...fresh,
        spec: { ...fresh.spec, volumeName: fresh.spec?.volumeName ?? `pvc-${uid}` },
      }));
      const { accessModes, resources } = claim.spec ?? {};
      writeStatus(store, claim, { phase: 'Bound', accessModes, capacity: resources?.requests });
    },
  });
}
