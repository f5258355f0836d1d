import type { StoredObject } from '../../store.ts';
import { failJobMessage } from './failure-policy.ts';
import { isFailed, type JobPods } from './observe-pods.ts';

/** That a Job is decided; it is finished once its pods are gone and counted. */
export type JobEnd = { type: 'SuccessCriteriaMet' | 'FailureTarget'; reason: string; message: string };

/**
 * Whether a Job has failed, or was decided before (kubernetes/pkg/controller/job, syncJob); undefined when it goes on. That it has
 * succeeded shows later, when it needs no more pods: {@link isComplete}.
 */
export function decideEnd(job: StoredObject, pods: JobPods, now: Date): JobEnd | undefined {
  const decided = decidedEnd(job);
  if (decided !== undefined) return decided;

  const message = failJobMessage(
    job,
    pods.all.filter((pod) => isFailed(pod, job)),
  );
  if (message !== undefined) return { type: 'FailureTarget', reason: 'PodFailurePolicy', message };
  if (pods.failed > backoffLimit(job) || hasRestartedTooOften(job, pods)) {
    return {
      type: 'FailureTarget',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  }
  const left = millisecondsToDeadline(job, now);
  if (left === undefined || left > 0) return undefined;
  return {
    type: 'FailureTarget',
    reason: 'DeadlineExceeded',
    message: 'Job was active longer than specified deadline',
  };
}

export const COMPLETIONS_REACHED: JobEnd = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

/** Without completions, a Job is complete when one pod has succeeded and none runs any more. */
export function isComplete({ spec }: StoredObject, succeeded: number, active: number): boolean {
  const wanted = completions(spec) ?? 1;
  return active === 0 && succeeded >= wanted;
}

/** Undefined without a deadline, and while the Job has not started or is suspended. */
export function millisecondsToDeadline({ spec, status }: StoredObject, now: Date): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || !status?.startTime || spec.suspend === true) return undefined;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000 - now.getTime();
}

/** Undefined: parallelism alone is given, and the first success decides. */
export function completions({ completions, parallelism }: any): number | undefined {
  return completions ?? (parallelism === undefined ? 1 : undefined);
}

export function isFinishedJob({ status }: StoredObject): boolean {
  return finishedCondition(status) !== undefined;
}

export function finishedCondition(status: any): any {
  return status?.conditions?.find(
    (condition: any) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True',
  );
}

function decidedEnd({ status }: StoredObject): JobEnd | undefined {
  return status?.conditions?.find(
    (condition: any) => (condition.type === 'SuccessCriteriaMet' || condition.type === 'FailureTarget') && condition.status === 'True',
  );
}

function backoffLimit({ spec }: StoredObject): number {
  return spec.backoffLimit ?? 6;
}

/** With restartPolicy OnFailure it is the containers' restarts that count. */
function hasRestartedTooOften(job: StoredObject, { all }: JobPods): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = all
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  const limit = backoffLimit(job);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}
