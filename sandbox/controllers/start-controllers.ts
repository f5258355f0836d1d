import type { Store } from '../store.ts';
import { startClaimController } from './claim-controller.ts';
import { startDaemonSetController } from './daemon-set/daemon-set-controller.ts';
import { startDeploymentController } from './deployment/deployment-controller.ts';
import { startGarbageCollector } from './garbage-collector.ts';
import { startJobController } from './job/job-controller.ts';
import { startNamespaceController } from './namespace/namespace-controller.ts';
import { startReplicaSetController } from './replica-set-controller.ts';
import { startResourceQuotaController } from './resource-quota-controller.ts';
import { startStatefulSetController } from './stateful-set/stateful-set-controller.ts';

/** Starts what Kubernetes' controller manager would, as far as it is here; gives the function that ends it. */
export function startControllers(store: Store): () => void {
  const stops = [
    startGarbageCollector(store),
    startNamespaceController(store),
    startClaimController(store),
    startResourceQuotaController(store),
    startJobController(store),
    startReplicaSetController(store),
    startDeploymentController(store),
    startStatefulSetController(store),
    startDaemonSetController(store),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
