import type { StoredObject } from '../../store.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS, sumReplicas, sumStatus, type ReplicaSets } from './replica-sets.ts';

/** How many pods a ReplicaSet is to have from now on. */
export type Scaling = { set: StoredObject; replicas: number };

/** The most pods that a rollout may have at once, and the most that may be missing of what is wanted. */
export function rolloutBounds({ spec }: StoredObject): { wanted: number; maxSurge: number; maxUnavailable: number } {
  const wanted: number = spec.replicas ?? 1;
  if (spec.strategy?.type === 'Recreate') return { wanted, maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {};
  const surge = countOf(maxSurge, wanted, Math.ceil);
  const unavailable = countOf(maxUnavailable, wanted, Math.floor);
  // Both zero would never get anywhere (deploymentutil.ResolveFenceposts).
  return { wanted, maxSurge: surge, maxUnavailable: Math.min(wanted, surge === 0 && unavailable === 0 ? 1 : unavailable) };
}

/** A number as it is, a percentage of `total`. */
export function countOf(value: number | string, total: number, round: (value: number) => number): number {
  return typeof value === 'string' ? round((Number.parseInt(value, 10) * total) / 100) : value;
}

/** The size that the current ReplicaSet may have now, `size` being what it has (deploymentutil.NewRSNewReplicas). */
export function currentSize(deployment: StoredObject, size: number, old: readonly StoredObject[]): number {
  const { wanted, maxSurge } = rolloutBounds(deployment);
  if (deployment.spec.strategy?.type === 'Recreate' || size >= wanted) return wanted;
  const room = wanted + maxSurge - size - sumReplicas(old);
  return room <= 0 ? size : size + Math.min(room, wanted - size);
}

/**
 * Which old ReplicaSets may shrink now: first their unhealthy pods go, then as many as the available ones allow
 * (kubernetes/pkg/controller/deployment/rolling.go).
 */
export function shrinkOld(deployment: StoredObject, { current, old }: ReplicaSets): Scaling[] {
  const { wanted, maxUnavailable } = rolloutBounds(deployment);
  const minAvailable = wanted - maxUnavailable;
  const unavailableOfCurrent = sumReplicas([current]) - sumStatus([current], 'availableReplicas');
  const surplus = sumReplicas([current, ...old]) - minAvailable - unavailableOfCurrent;
  if (surplus <= 0) return [];

  const healthy = take(old, surplus, (set) => set.spec.replicas - (set.status?.availableReplicas ?? 0));
  const available = sumStatus([current, ...old], 'availableReplicas') - minAvailable;
  const shrunk = take(healthy, available, (set) => set.spec.replicas);
  return shrunk
    .map((set, index) => ({ set: old[index]!, replicas: set.spec.replicas }))
    .filter(({ set, replicas }) => set.spec.replicas !== replicas);
}

/** Whether replicas were changed since the ReplicaSets were last sized: then they grow or shrink together. */
export function isScaling(deployment: StoredObject, { current, old }: ReplicaSets): boolean {
  return [current, ...old]
    .filter((set) => set !== undefined && set.spec.replicas > 0)
    .map((set) => set!.metadata.annotations?.[DESIRED_REPLICAS])
    .some((desired) => desired !== undefined && Number(desired) !== (deployment.spec.replicas ?? 1));
}

/** The sizes after replicas were changed or while paused: in proportion (kubernetes/pkg/controller/deployment/sync.go, scale). */
export function scaleAll(deployment: StoredObject, { current, old }: ReplicaSets): Scaling[] {
  const { wanted, maxSurge } = rolloutBounds(deployment);
  const active = [...old, current].filter((set): set is StoredObject => set !== undefined && set.spec.replicas > 0);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? old.at(-1);
    return only === undefined ? [] : [{ set: only, replicas: wanted }];
  }
  if (current !== undefined && isSaturated(deployment, current)) {
    return active.filter((set) => set !== current).map((set) => ({ set, replicas: 0 }));
  }

  const allowed = wanted > 0 ? wanted + maxSurge : 0;
  const change = allowed - sumReplicas(active);
  const bySize = active.toSorted((one, other) => other.spec.replicas - one.spec.replicas);
  const shares: number[] = [];
  for (const set of bySize) {
    const left = change - shares.reduce((sum, share) => sum + share, 0);
    const share = shareOf(set, deployment, wanted, maxSurge);
    shares.push(change > 0 ? Math.min(share, left) : Math.max(share, left));
  }
  const leftover = change - shares.reduce((sum, share) => sum + share, 0);
  return bySize.map((set, index) => ({
    set,
    replicas: Math.max(0, set.spec.replicas + shares[index]! + (index === 0 ? leftover : 0)),
  }));
}

/** Takes up to `count` pods off ReplicaSets, the oldest first, of each as many as it can give. */
function take(sets: readonly StoredObject[], count: number, giving: (set: StoredObject) => number): StoredObject[] {
  let left = count;
  return sets.map((set) => {
    const taken = Math.max(0, Math.min(left, giving(set), set.spec.replicas));
    left -= taken;
    return taken === 0 ? set : { ...set, spec: { ...set.spec, replicas: set.spec.replicas - taken } };
  });
}

function isSaturated(deployment: StoredObject, { metadata, spec, status }: StoredObject): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return spec.replicas === wanted && Number(metadata.annotations?.[DESIRED_REPLICAS]) === wanted && status?.availableReplicas === wanted;
}

function shareOf({ metadata, spec }: StoredObject, deployment: StoredObject, wanted: number, maxSurge: number): number {
  if (wanted === 0) return -spec.replicas;
  const before = Number(metadata.annotations?.[MAX_REPLICAS]) || deployment.status?.replicas;
  return before ? Math.round((spec.replicas * (wanted + maxSurge)) / before) - spec.replicas : 0;
}
