import { StatusError, type Store, type StoredObject } from '../store.ts';
import { findCondition, withoutCondition } from './conditions.ts';
import { controlledBy } from './ownership.ts';
import { createPod, deletePod, podFrom } from './pods.ts';
import { isActive, isAvailable, isFinished, isReady, isTerminating, nextAvailability } from './pod-state.ts';
import { firstToDelete } from './first-to-delete.ts';
import { runController } from './run-controller.ts';
import { timestamp } from '../timestamp.ts';
import { writeStatus } from './write-status.ts';

const COMPONENT = 'replicaset-controller';

/**
 * Keeps as many pods as a ReplicaSet says; refused pods become its condition ReplicaFailure. Pods that merely match the selector are
 * not adopted.
 */
export function startReplicaSetController(store: Store): () => void {
  const pods = store.kind('v1', 'Pod');
  return runController(store, {
    kind: store.kind('apps/v1', 'ReplicaSet'),
    owned: [pods],
    reconcile(set, later) {
      const own = controlledBy(store, pods, set);
      const refusal = set.metadata.deletionTimestamp === undefined ? manageReplicas(store, set, own.filter(isActive)) : undefined;
      const now = store.clock.now();
      writeStatus(store, set, replicaSetStatus(set, own, now, refusal));
      const wait = nextAvailability(own.filter(isActive), set.spec.minReadySeconds ?? 0, now);
      if (wait !== undefined) later(wait);
      if (refusal !== undefined) throw refusal;
    },
  });
}

/** Of the pods as they were before this look at them (kubernetes/pkg/controller/replicaset, calculateStatus). */
export function replicaSetStatus(set: StoredObject, pods: readonly StoredObject[], now: Date, refusal?: StatusError): any {
  const active = pods.filter(isActive);
  const ready = active.filter(isReady);
  const conditions = replicaSetConditions(set, now, refusal);
  return {
    observedGeneration: set.metadata.generation,
    replicas: active.length,
    fullyLabeledReplicas: active.length || undefined,
    readyReplicas: ready.length || undefined,
    availableReplicas: ready.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length || undefined,
    terminatingReplicas: pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    ...(conditions.length > 0 && { conditions }),
  };
}

function replicaSetConditions({ status }: StoredObject, now: Date, refusal?: StatusError): any[] {
  const conditions: any[] = status?.conditions ?? [];
  if (refusal === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  if (findCondition(conditions, 'ReplicaFailure') !== undefined) return conditions;
  const failure = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: refusal.message,
    lastTransitionTime: timestamp(now),
  };
  return [...conditions, failure];
}

/** Gives the refusal at which it stopped. */
function manageReplicas(store: Store, set: StoredObject, active: readonly StoredObject[]): StatusError | undefined {
  const missing = (set.spec.replicas ?? 1) - active.length;
  for (const pod of missing < 0 ? firstToDelete(active, -missing) : []) deletePod(store, set, pod, COMPONENT);
  try {
    for (let count = 0; count < missing; count += 1) createPod(store, set, podFrom(set), COMPONENT);
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}
