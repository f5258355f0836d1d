import type { StoredObject } from '../../store.ts';
import { isAvailable, isFinished, isTerminating } from '../pod-state.ts';
import { countOf } from '../deployment/roll-out.ts';

export type DaemonSetPlan = { create: number; remove: readonly StoredObject[] };

/**
 * What to do with a DaemonSet's pods on the only node. A pod that has ended is replaced; one of an old template is removed first, or,
 * with maxSurge, once its successor is available (kubernetes/pkg/controller/daemon, podsShouldBeOnNode and rollingUpdate).
 */
export function planDaemonSet(set: StoredObject, pods: readonly StoredObject[], hash: string, now: Date): DaemonSetPlan {
  if (set.metadata.deletionTimestamp !== undefined) return { create: 0, remove: [] };
  const staying = pods.filter((pod) => !isTerminating(pod));
  const dead = staying.filter(isFinished);
  const alive = staying.filter((pod) => !isFinished(pod));
  const [newest, ...spare] = alive.filter((pod) => hashOf(pod) === hash);
  const outdated = alive.filter((pod) => hashOf(pod) !== hash);
  const [old] = outdated;

  const isNewAvailable = newest !== undefined && isAvailable(newest, set.spec.minReadySeconds ?? 0, now);
  const surges = allowsSurge(set);
  const isRolling = set.spec.updateStrategy?.type !== 'OnDelete';
  if (old === undefined) {
    // A pod that is still ending holds its place, unless two may run at once.
    const isFree = surges || pods.every((pod) => staying.includes(pod) || isFinished(pod));
    return { create: newest === undefined && dead.length === 0 && isFree ? 1 : 0, remove: [...dead, ...spare] };
  }
  if (!isRolling) return { create: 0, remove: [...dead, ...outdated.slice(1)] };
  if (!surges) return { create: 0, remove: [...dead, ...outdated] };
  return { create: newest === undefined ? 1 : 0, remove: [...dead, ...spare, ...(isNewAvailable ? outdated : [])] };
}

/** Kubernetes' label of a DaemonSet's pod: the hash of its template. */
export function hashOf({ metadata }: StoredObject): string | undefined {
  return metadata.labels?.['controller-revision-hash'];
}

/** kubernetes/pkg/controller/daemon, updateDaemonSetStatus; the node is one. */
export function daemonSetStatus(set: StoredObject, pods: readonly StoredObject[], hash: string, now: Date): any {
  const staying = pods.filter((pod) => !isTerminating(pod));
  const [oldest] = staying;
  const ready = staying.filter((pod) => isAvailable(pod, 0, now));
  const isReady = ready.length > 0;
  const isUp = ready.some((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
  return {
    observedGeneration: set.metadata.generation,
    currentNumberScheduled: oldest === undefined ? 0 : 1,
    desiredNumberScheduled: 1,
    numberMisscheduled: 0,
    numberReady: isReady ? 1 : 0,
    updatedNumberScheduled: staying.some((pod) => hashOf(pod) === hash) ? 1 : undefined,
    numberAvailable: isUp ? 1 : undefined,
    numberUnavailable: isUp ? undefined : 1,
  };
}

function allowsSurge({ spec }: StoredObject): boolean {
  const maxSurge = spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0;
  return countOf(maxSurge, 1, Math.ceil) > 0;
}
