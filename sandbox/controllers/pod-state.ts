import type { StoredObject } from '../store.ts';

/** What controllers ask of a pod (kubernetes/pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go). */

export function isFinished({ status }: StoredObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function isTerminating({ metadata }: StoredObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isActive(pod: StoredObject): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

export function isReady(pod: StoredObject): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** Ready for `minReadySeconds` without a break. */
export function isAvailable(pod: StoredObject, minReadySeconds: number, now: Date): boolean {
  return isReady(pod) && millisecondsToAvailable(pod, minReadySeconds, now) <= 0;
}

/** Until a ready pod is available, if it stays ready; 0 or less when it is. */
export function millisecondsToAvailable(pod: StoredObject, minReadySeconds: number, now: Date): number {
  if (minReadySeconds === 0) return 0;
  return Date.parse(readyCondition(pod)?.lastTransitionTime) + minReadySeconds * 1000 - now.getTime();
}

/** When the first of the ready pods that are not available yet will be; undefined when there is none. */
export function nextAvailability(pods: readonly StoredObject[], minReadySeconds: number, now: Date): number | undefined {
  const waits = pods
    .filter(isReady)
    .map((pod) => millisecondsToAvailable(pod, minReadySeconds, now))
    .filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

function readyCondition({ status }: StoredObject): any {
  return status?.conditions?.find(({ type }: { type: string }) => type === 'Ready');
}
