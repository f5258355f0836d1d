import type { KubeObject } from '../../cluster/port.ts';
import type { SeenFor } from './first-sights.ts';
import { heldRollout, ON_DELETE } from './held-rollout.ts';
import { READY, waiting, type Readiness } from './readiness.ts';

/**
 * kubectl's rules for a StatefulSet whose status is current, plus two of kstatus: surplus pods must be gone, and `minReadySeconds`
 * counts. A partition is respected: pods below it stay at the old revision. Where the update strategy lets no pod at all take the new
 * revision (OnDelete, a partition of all replicas), kubectl and the ancestor report success; here the pods are waited for, because
 * the trial would measure the old settings, for as long as an operator may still begin to replace them.
 */
export function assessStatefulSet(set: KubeObject, { seenFor }: { seenFor?: SeenFor } = {}): Readiness {
  const replicas: number = set.spec?.replicas ?? 1;
  const status = set.status ?? {};
  const updated: number = status.updatedReplicas ?? 0;
  const existing: number = status.replicas ?? 0;
  const available: number = status.availableReplicas ?? status.readyReplicas ?? 0;
  const old = existing - updated;

  if (set.spec?.updateStrategy?.type === 'OnDelete') {
    const missing = `Updated ${updated}/${existing}, and ${ON_DELETE.why}`;
    if (old > 0) return updated === 0 ? heldRollout(set, missing, ON_DELETE.remedy, seenFor) : waiting(missing);
    return counted(existing, replicas, available);
  }
  const partition: number = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition >= replicas && replicas > 0 && status.updateRevision !== status.currentRevision && updated === 0) {
    const missing = `Updated 0/${replicas}, and partition ${partition} keeps every pod at the old revision`;
    return heldRollout(set, missing, 'patch spec.updateStrategy.rollingUpdate.partition to 0', seenFor);
  }
  const wanted = Math.max(replicas - partition, 0);
  if (updated < wanted) return waiting(`Updated ${updated}/${wanted}`);
  const readiness = counted(existing, replicas, available);
  if (readiness.status !== 'Ready' || partition > 0) return readiness;
  return status.updateRevision === status.currentRevision ? READY : waiting(`Revision ${status.updateRevision} is not current yet`);
}

function counted(existing: number, replicas: number, available: number): Readiness {
  if (existing > replicas) return waiting(`${existing - replicas} of ${existing} pods not gone yet`);
  if (available < replicas) return waiting(`Available ${available}/${replicas}`);
  return READY;
}
