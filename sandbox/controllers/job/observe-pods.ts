import type { StoredObject } from '../../store.ts';
import { isActive, isFinished, isReady, isTerminating } from '../pod-state.ts';
import { completedIndexes, completionIndex, isIndexed } from './completion-indexes.ts';
import { countsAsFailure } from './failure-policy.ts';

/** Kept on a Job's pod until it is counted. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';

/** A Job's pods as its controller sees them. */
export type JobPods = {
  all: readonly StoredObject[];
  active: readonly StoredObject[];
  terminating: readonly StoredObject[];
  ready: number;
  /** Not counted in the status yet. */
  newSucceeded: readonly StoredObject[];
  newFailed: readonly StoredObject[];
  /** Of the Job's whole life, those just found included; failures that a policy ignores are not. */
  succeeded: number;
  /** Of a Job of completionMode Indexed; these are what counts there, whichever pods they are of. */
  succeededIndexes: ReadonlySet<number>;
  failed: number;
};

export function observePods(job: StoredObject, pods: readonly StoredObject[]): JobPods {
  const active = pods.filter(isActive);
  const counts = (pod: StoredObject) => !isIndexed(job) || completionIndex(job, pod) !== undefined;
  const tracked = pods.filter((pod) => isTracked(pod) && counts(pod));
  const newSucceeded = tracked.filter(({ status }) => status?.phase === 'Succeeded');
  const newFailed = tracked.filter((pod) => isFailed(pod, job));
  const succeededIndexes = new Set(
    isIndexed(job) ? [...completedIndexes(job), ...newSucceeded.map((pod) => completionIndex(job, pod)!)] : [],
  );
  return {
    all: pods,
    active,
    terminating: pods.filter((pod) => isTerminating(pod) && !isFinished(pod)),
    ready: active.filter(isReady).length,
    newSucceeded,
    newFailed,
    succeeded: isIndexed(job) ? succeededIndexes.size : (job.status?.succeeded ?? 0) + newSucceeded.length,
    succeededIndexes,
    failed: (job.status?.failed ?? 0) + newFailed.filter((pod) => countsAsFailure(job, pod)).length,
  };
}

export function isTracked({ metadata }: StoredObject): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) === true;
}

/** A pod that is being deleted counts as failed, unless only failed ones are to be replaced (kubernetes/pkg/controller/job, isPodFailed). */
export function isFailed({ metadata, status }: StoredObject, job: StoredObject): boolean {
  if (status?.phase === 'Failed') return true;
  if (metadata.deletionTimestamp === undefined) return false;
  return replacesOnlyFailed(job) ? status?.phase === 'Pending' : status?.phase !== 'Succeeded';
}

export function replacesOnlyFailed({ spec }: StoredObject): boolean {
  return spec.podReplacementPolicy === 'Failed' || (spec.podReplacementPolicy === undefined && spec.podFailurePolicy !== undefined);
}
