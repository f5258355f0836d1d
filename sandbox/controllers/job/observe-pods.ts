import type { StoredObject } from '../../store.ts';
import { isActive, isFinished, isReady, isTerminating } from '../pod-state.ts';
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
  failed: number;
};

export function observePods(job: StoredObject, pods: readonly StoredObject[]): JobPods {
  const active = pods.filter(isActive);
  const tracked = pods.filter(isTracked);
  const newSucceeded = tracked.filter(({ status }) => status?.phase === 'Succeeded');
  const newFailed = tracked.filter((pod) => isFailed(pod, job));
  return {
    all: pods,
    active,
    terminating: pods.filter((pod) => isTerminating(pod) && !isFinished(pod)),
    ready: active.filter(isReady).length,
    newSucceeded,
    newFailed,
    succeeded: (job.status?.succeeded ?? 0) + newSucceeded.length,
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
