import type { StoredObject } from '../store.ts';
import { isReady } from './pod-state.ts';

/**
 * The pods that are missed least: not on a node, not running, not ready, of a lower deletion cost, ready for a shorter time, restarted
 * more often, younger (kubernetes/pkg/controller/controller_utils.go, ActivePodsWithRanks; without its rank by node, as there is one).
 */
export function firstToDelete(pods: readonly StoredObject[], count: number): StoredObject[] {
  return pods
    .map((pod, index) => ({ pod, rank: [...rank(pod), index] }))
    .sort((one, other) => compareRanks(one.rank, other.rank))
    .slice(0, count)
    .map(({ pod }) => pod);
}

/** The lower, the sooner it may go. */
function rank(pod: StoredObject): number[] {
  const { metadata, spec, status } = pod;
  const readySince = status?.conditions?.find(({ type }: any) => type === 'Ready')?.lastTransitionTime;
  const restarts = (status?.containerStatuses ?? []).map(({ restartCount }: any) => restartCount);
  return [
    spec.nodeName ? 1 : 0,
    status?.phase === 'Running' ? 1 : 0,
    isReady(pod) ? 1 : 0,
    Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0),
    isReady(pod) ? -Date.parse(readySince) : 0,
    -Math.max(0, ...restarts),
    -Date.parse(metadata.creationTimestamp),
  ];
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, position) => value !== other[position]);
  return index === -1 ? 0 : one[index]! - other[index]!;
}
