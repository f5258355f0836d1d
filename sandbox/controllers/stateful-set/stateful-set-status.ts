import type { StoredObject } from '../../store.ts';
import { isTerminating } from '../pod-state.ts';
import type { Revisions } from './plan-stateful-set.ts';
import { isRunningAndReady, isUnavailable, revisionLabel } from './stateful-pods.ts';

/**
 * What a StatefulSet's pods make of its status; the update revision becomes the current one when every pod is of it and ready
 * (kubernetes/pkg/controller/statefulset, computeReplicaStatus and completeRollingUpdate).
 */
export function statefulSetStatus(set: StoredObject, pods: readonly StoredObject[], revisions: Revisions, now: Date): any {
  const staying = pods.filter((pod) => !isTerminating(pod));
  const ready = pods.filter(isRunningAndReady);
  const counts = {
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isTerminating(pod) || !isUnavailable(pod, set, now)).length,
    currentReplicas: staying.filter((pod) => revisionLabel(pod) === revisions.current).length,
    updatedReplicas: staying.filter((pod) => revisionLabel(pod) === revisions.update).length,
  };
  const wanted = set.spec.replicas ?? 1;
  const isDone =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    [counts.updatedReplicas, counts.readyReplicas, counts.replicas].every((count) => count === wanted);
  return {
    observedGeneration: set.metadata.generation,
    replicas: counts.replicas,
    readyReplicas: counts.readyReplicas || undefined,
    availableReplicas: counts.availableReplicas,
    currentReplicas: (isDone ? counts.updatedReplicas : counts.currentReplicas) || undefined,
    updatedReplicas: counts.updatedReplicas || undefined,
    currentRevision: isDone ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: set.status?.collisionCount ?? 0,
  };
}
