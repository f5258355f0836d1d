import type { StoredObject } from '../../store.ts';
import { timestamp } from '../../timestamp.ts';
import { formatIndexes, isIndexed } from './completion-indexes.ts';
import { countsAsFailure } from './failure-policy.ts';
import type { JobEnd } from './job-end.ts';
import type { JobPods } from './observe-pods.ts';

export type JobCounts = { active: number; ready: number; terminating: number };

/** The pods that are counted with this status: they are named in it until their finalizers are removed. */
export type Uncounted = { succeeded: readonly StoredObject[]; failed: readonly StoredObject[] };

/**
 * Which pods are to be counted now: those that have ended and, once the Job is decided against, all that are left
 * (kubernetes/pkg/controller/job, trackJobStatusAndRemoveFinalizers).
 * Successes of Indexed Jobs are not counted by pods: their indexes tell.
 */
export function uncountedPods(job: StoredObject, pods: JobPods, tracked: readonly StoredObject[], end?: JobEnd): Uncounted {
  const isLost = end?.type === 'FailureTarget';
  const failed = tracked.filter((pod) => (isLost || pods.newFailed.includes(pod)) && !pods.newSucceeded.includes(pod));
  return { succeeded: isIndexed(job) ? [] : pods.newSucceeded, failed: failed.filter((pod) => countsAsFailure(job, pod)) };
}

/** What is written before finalizers are removed. */
export function interimStatus(
  job: StoredObject,
  counts: JobCounts,
  { succeededIndexes }: JobPods,
  uncounted: Uncounted,
  now: Date,
  end?: JobEnd,
): any {
  const { status = {} } = job;
  const isSuspended = job.spec.suspend === true;
  const resumed = status.conditions?.some(({ type, status }: any) => type === 'Suspended' && status === 'True') && !isSuspended;
  const startTime = isSuspended ? undefined : resumed ? timestamp(now) : (status.startTime ?? timestamp(now));
  const conditions = interimConditions(job, now, end);
  return {
    ...status,
    active: counts.active || undefined,
    ...(isIndexed(job) && {
      completedIndexes: formatIndexes(succeededIndexes) || undefined,
      succeeded: succeededIndexes.size || undefined,
    }),
    conditions: conditions.length > 0 ? conditions : undefined,
    ready: counts.ready,
    startTime,
    terminating: counts.terminating,
    uncountedTerminatedPods: {
      succeeded: uncounted.succeeded.length > 0 ? uncounted.succeeded.map(uidOf) : undefined,
      failed: uncounted.failed.length > 0 ? uncounted.failed.map(uidOf) : undefined,
    },
  };
}

/** What is written after finalizers are removed; with the last condition when nothing of a decided Job is left. */
export function countedStatus(status: any, uncounted: Uncounted, now: Date, end?: JobEnd): any {
  const counted = {
    ...status,
    succeeded: (status.succeeded ?? 0) + uncounted.succeeded.length || undefined,
    failed: (status.failed ?? 0) + uncounted.failed.length || undefined,
    uncountedTerminatedPods: {},
  };
  if (end === undefined || status.terminating > 0) return counted;
  const type = end.type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed';
  const condition = newCondition(type, 'True', end.reason, end.message, now);
  return {
    ...counted,
    ...(type === 'Complete' && { completionTime: condition.lastTransitionTime }),
    conditions: [...(status.conditions ?? []), condition],
  };
}

function interimConditions({ spec, status }: StoredObject, now: Date, end?: JobEnd): any[] {
  const conditions: any[] = status?.conditions ?? [];
  if (end !== undefined) {
    const isKnown = conditions.some(({ type }) => type === end.type);
    return isKnown ? conditions : [...conditions, newCondition(end.type, 'True', end.reason, end.message, now)];
  }
  const suspended = conditions.find(({ type }) => type === 'Suspended');
  const wanted = spec.suspend === true ? 'True' : 'False';
  if (suspended?.status === wanted || (suspended === undefined && wanted === 'False')) return conditions;
  const condition =
    wanted === 'True'
      ? newCondition('Suspended', wanted, 'JobSuspended', 'Job suspended', now)
      : newCondition('Suspended', wanted, 'JobResumed', 'Job resumed', now);
  return suspended === undefined ? [...conditions, condition] : conditions.map((each) => (each === suspended ? condition : each));
}

function newCondition(type: string, status: string, reason: string, message: string, now: Date) {
  return { type, status, reason, message, lastProbeTime: timestamp(now), lastTransitionTime: timestamp(now) };
}

function uidOf({ metadata }: StoredObject): string {
  return metadata.uid;
}
