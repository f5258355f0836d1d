import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { LABELS } from '../model/names.ts';
import { assessJobPods, settledFailure, type JobVerdict } from './assess-job-pods.ts';
import { decideByWatching } from './decide-by-watching.ts';
import type { PodOptions } from './readiness/assess-pods.ts';
import { firstSights } from './readiness/first-sights.ts';

export type EndedJob = Exclude<JobVerdict, { status: 'Waiting' }>;

export type JobWatch = {
  cluster: Pick<Cluster, 'watch' | 'list' | 'read'>;
  clock: Clock;
  /** Milliseconds that a pod may stay unschedulable, so that an autoscaler may act. */
  unschedulableGrace: number;
  waiting: (message: string) => void;
};

/** How often what no watch announces is looked at: a Job without pods, a grace period, a Job that vanished. */
const LOOK_INTERVAL = 5_000;

/**
 * Waits until a Job has ended. A single-pod Job is judged by its pod's final phase, which is known a second before the Job's own
 * conditions (the Job controller batches); any other by its conditions. A Job that can never start fails at once with its reason.
 */
export async function awaitJob(job: KubeObject, containers: readonly string[], watch: JobWatch, signal: AbortSignal): Promise<EndedJob> {
  return isSinglePod(job) ? awaitPod(job, containers, watch, signal) : awaitConditions(job, containers, watch, signal);
}

function isSinglePod({ spec }: KubeObject): boolean {
  return (spec.parallelism ?? 1) === 1 && (spec.completions ?? 1) === 1 && spec.backoffLimit === 0 && spec.podFailurePolicy === undefined;
}

async function awaitPod(job: KubeObject, containers: readonly string[], watch: JobWatch, signal: AbortSignal): Promise<EndedJob> {
  const options = { seenFor: firstSights(watch.clock), unschedulableGrace: watch.unschedulableGrace };
  const ask = async (pods: KubeObject[] = [], beat: 'change' | 'tick') => {
    const verdict = settledFailure(pods, containers) ?? assessJobPods(pods, containers, options);
    if (verdict.status !== 'Waiting') return verdict;
    watch.waiting(verdict.message);
    return beat === 'tick' ? lookAtJob(job, pods, watch.cluster, signal) : undefined;
  };
  return decideByWatching(podsOf(job), { ...watch, interval: LOOK_INTERVAL }, ask, signal);
}

async function awaitConditions(job: KubeObject, containers: readonly string[], watch: JobWatch, signal: AbortSignal): Promise<EndedJob> {
  const { name, namespace, uid } = job.metadata;
  const options = { seenFor: firstSights(watch.clock), unschedulableGrace: watch.unschedulableGrace };
  const ask = async (jobs: KubeObject[] = [job], beat: 'change' | 'tick') => {
    const current = jobs.find(({ metadata }) => metadata.uid === uid);
    if (current === undefined) return vanished(job, []);
    const final = conditionsOf(current).find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
    if (final === undefined && beat === 'change') {
      watch.waiting(`${current.status?.succeeded ?? 0} of ${current.spec.completions ?? 1} pods succeeded`);
      return undefined;
    }
    const pods = (await watch.cluster.list(podsOf(job), signal)).items;
    if (final?.type === 'Complete') return { status: 'Succeeded' as const, pods };
    if (final?.type === 'Failed') return failedJob(final, pods, containers, options);
    // One that is being deleted is the Job controller's to replace.
    const starting = pods.filter(({ status, metadata }) => status?.phase === 'Pending' && metadata.deletionTimestamp === undefined);
    const verdict = assessJobPods(starting, containers, options);
    return verdict.status === 'Failed' ? verdict : lookAtJob(job, pods, watch.cluster, signal);
  };
  const query = { apiVersion: 'batch/v1', kind: 'Job', namespace, fieldSelector: `metadata.name=${name}` };
  return decideByWatching(query, { ...watch, interval: LOOK_INTERVAL }, ask, signal);
}

function podsOf(job: KubeObject) {
  const labelSelector = [
    `batch.kubernetes.io/controller-uid=${job.metadata.uid}`,
    `${LABELS.trialUid}=${job.metadata.labels?.[LABELS.trialUid]}`,
  ].join(',');
  return { apiVersion: 'v1', kind: 'Pod', namespace: job.metadata.namespace, labelSelector };
}

/** The Job's condition says that it failed; a pod says why, where one still does. */
function failedJob(condition: any, pods: KubeObject[], containers: readonly string[], options: PodOptions): EndedJob {
  const verdict = assessJobPods(pods, containers, options);
  // A pod that failed and was tried again is not why time was up.
  if (verdict.status === 'Failed' && condition.reason !== 'DeadlineExceeded') return verdict;
  return { status: 'Failed', reason: condition.reason, message: condition.message, infrastructure: false, pods };
}

/** What only the Job itself or its events tell: that it is gone, ended without a pod, or may not create one (quota, admission). */
async function lookAtJob(
  job: KubeObject,
  pods: readonly KubeObject[],
  cluster: Pick<Cluster, 'read' | 'list'>,
  signal: AbortSignal,
): Promise<EndedJob | undefined> {
  const { name, namespace, uid } = job.metadata;
  const current = await cluster.read({ apiVersion: 'batch/v1', kind: 'Job', name, namespace }, signal);
  if (current === undefined || current.metadata.uid !== uid) return vanished(job, [...pods]);
  const conditions = conditionsOf(current).filter(({ status }) => status === 'True');
  // Its pod may have gone with its node since it ended; one that is there tells more than the watch has.
  if (conditions.some(({ type }) => type === 'Complete'))
    return { status: 'Succeeded', pods: (await cluster.list(podsOf(job), signal)).items };
  const failed = conditions.find(({ type }) => type === 'Failed');
  if (failed !== undefined) {
    // Its pod was deleted under it: nobody knows how the program would have ended. The watch may have kept that to itself.
    const left = failed.reason === 'BackoffLimitExceeded' ? (await cluster.list(podsOf(job), signal)).items : pods;
    // With OnFailure the Job controller itself deletes a pod whose containers failed.
    const lost =
      failed.reason === 'BackoffLimitExceeded' &&
      current.spec.template.spec.restartPolicy !== 'OnFailure' &&
      left.every(({ metadata }) => metadata.deletionTimestamp !== undefined);
    return {
      status: 'Failed',
      reason: lost ? 'PodLost' : failed.reason,
      message: lost ? `the pod of Job ${name} was deleted` : failed.message,
      infrastructure: lost,
      pods: [...pods],
    };
  }
  if (pods.length > 0) return undefined;
  const events = await cluster.list(
    { apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: `involvedObject.uid=${uid},reason=FailedCreate` },
    signal,
  );
  const latest = events.items.at(-1);
  if (latest === undefined) return undefined;
  return { status: 'Failed', reason: 'FailedCreate', message: String(latest.message), infrastructure: false, pods: [] };
}

function conditionsOf(job: KubeObject): any[] {
  return job.status?.conditions ?? [];
}

function vanished(job: KubeObject, pods: KubeObject[]): EndedJob {
  return {
    status: 'Failed',
    reason: 'JobDeleted',
    message: `Job ${job.metadata.name} was deleted by somebody else while it ran`,
    infrastructure: true,
    pods,
  };
}
