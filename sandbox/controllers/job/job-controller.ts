import { StatusError, type Store, type StoredObject } from '../../store.ts';
import { controlledBy, controllerOf } from '../ownership.ts';
import { createPod, deletePod, podFrom } from '../pods.ts';
import { isReady } from '../pod-state.ts';
import { recordEvent } from '../record-event.ts';
import { runController } from '../run-controller.ts';
import { writeStatus } from '../write-status.ts';
import { indexedIdentity } from './completion-indexes.ts';
import {
  COMPLETIONS_REACHED,
  decideEnd,
  finishedCondition,
  isComplete,
  isFinishedJob,
  millisecondsToDeadline,
  type JobEnd,
} from './job-end.ts';
import { countedStatus, interimStatus, uncountedPods, type JobCounts } from './job-status.ts';
import { isTracked, observePods, TRACKING_FINALIZER, type JobPods } from './observe-pods.ts';
import { demandPods } from './pod-demand.ts';

const COMPONENT = 'job-controller';
const MANAGER = 'kubernetes.io/job-controller';

/**
 * Runs Jobs as Kubernetes' controller does: parallelism, completions, backoffLimit with its delays, activeDeadlineSeconds, suspend,
 * podFailurePolicy, ttlSecondsAfterFinished and the indexes of completionMode Indexed, with the same conditions in the same order; a Job
 * that says that others manage it is left alone. One thing differs: pods are looked at as they change, where the real controller
 * collects changes for a second.
 */
export function startJobController(store: Store): () => void {
  const pods = store.kind('v1', 'Pod');
  return runController(store, {
    kind: store.kind('batch/v1', 'Job'),
    owned: [pods],
    reconcile(job, later) {
      const own = controlledBy(store, pods, job);
      if (isFinishedJob(job)) {
        if (isOurs(job)) releasePods(store, own);
        removeAfterTtl(store, job, later);
      } else if (isOurs(job)) {
        syncJob(store, job, own, later);
      }
    },
    forget(namespace) {
      releasePods(
        store,
        store.list(pods, namespace).filter((pod) => isTracked(pod) && isAbandoned(store, pod)),
      );
    },
  });
}

/** kubernetes/pkg/controller/job, controllerName: whoever else `managedBy` names runs the Job and writes its status. */
function isOurs({ spec }: StoredObject): boolean {
  return (spec.managedBy ?? MANAGER) === MANAGER;
}

function syncJob(store: Store, job: StoredObject, own: readonly StoredObject[], later: (milliseconds: number) => void): void {
  const now = store.clock.now();
  const pods = observePods(job, own);
  const decided = decideEnd(job, pods, now);
  const { counts, refusal } = decided ? endPods(store, job, pods) : managePods(store, job, pods, later);
  const end = decided ?? (isComplete(job, pods.succeeded, counts.active) ? COMPLETIONS_REACHED : undefined);

  const isEnding = end !== undefined || job.metadata.deletionTimestamp !== undefined;
  const tracked = own.filter(isTracked);
  const release = tracked.filter((pod) => isEnding || pods.newSucceeded.includes(pod) || pods.newFailed.includes(pod));
  const uncounted = uncountedPods(job, pods, release, end);

  const interim = interimStatus(job, counts, pods, uncounted, now, end);
  writeStatus(store, job, interim);
  releasePods(store, release);
  const final = countedStatus(interim, uncounted, now, end);
  writeStatus(store, job, final);
  announce(store, job, final, end);

  const deadline = millisecondsToDeadline({ ...job, status: final }, now);
  if (deadline !== undefined && end === undefined) later(deadline);
  if (refusal !== undefined) throw refusal;
}

/** A decided Job's pods are deleted; they keep their finalizers until they are counted. */
function endPods(store: Store, job: StoredObject, pods: JobPods): { counts: JobCounts; refusal?: StatusError } {
  for (const pod of pods.active) deletePod(store, job, pod, COMPONENT);
  return { counts: { active: 0, ready: 0, terminating: pods.terminating.length + pods.active.length } };
}

function managePods(
  store: Store,
  job: StoredObject,
  pods: JobPods,
  later: (milliseconds: number) => void,
): { counts: JobCounts; refusal?: StatusError } {
  const unchanged = { active: pods.active.length, ready: pods.ready, terminating: pods.terminating.length };
  if (job.metadata.deletionTimestamp !== undefined) return { counts: unchanged };

  const { create, remove, wait } = demandPods(job, pods, store.clock.now());
  if (wait !== undefined) later(wait);
  releasePods(store, remove);
  for (const pod of remove) deletePod(store, job, pod, COMPONENT);
  const { created, refusal } = createPods(store, job, create);
  return {
    counts: {
      active: unchanged.active - remove.length + created,
      ready: unchanged.ready - remove.filter(isReady).length,
      terminating: unchanged.terminating + remove.length,
    },
    ...(refusal && { refusal }),
  };
}

/** Stops at the first refusal: the others would be refused as well. */
function createPods(store: Store, job: StoredObject, indexes: readonly (number | undefined)[]): { created: number; refusal?: StatusError } {
  for (const [created, index] of indexes.entries()) {
    try {
      createPod(store, job, jobPod(job, index), COMPONENT);
    } catch (error) {
      if (error instanceof StatusError) return { created, refusal: error };
      throw error;
    }
  }
  return { created: indexes.length };
}

function jobPod(job: StoredObject, index: number | undefined) {
  const { name, uid } = job.metadata;
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const identity = index === undefined ? {} : indexedIdentity(job, index);
  return podFrom(job, { ...identity, labels: { ...labels, ...identity.labels }, finalizers: [TRACKING_FINALIZER] });
}

function releasePods(store: Store, pods: readonly StoredObject[]): void {
  for (const { metadata } of pods.filter(isTracked)) {
    store.mutate(store.kind('v1', 'Pod'), metadata.namespace, metadata.name, (pod) => ({
      ...pod,
      metadata: {
        ...pod.metadata,
        finalizers: pod.metadata.finalizers?.filter((finalizer) => finalizer !== TRACKING_FINALIZER) ?? [],
      },
    }));
  }
}

function isAbandoned(store: Store, pod: StoredObject): boolean {
  const owner = controllerOf(pod);
  if (owner === undefined) return true;
  if (owner.kind !== 'Job') return false;
  return store.get(store.kind('batch/v1', 'Job'), pod.metadata.namespace, owner.name)?.metadata.uid !== owner.uid;
}

function announce(store: Store, job: StoredObject, status: any, end: JobEnd | undefined): void {
  const finished = finishedCondition(status);
  if (finished?.type === 'Complete') {
    recordEvent(store, job, { type: 'Normal', reason: 'Completed', message: 'Job completed', component: COMPONENT });
  } else if (finished !== undefined && end !== undefined) {
    recordEvent(store, job, { type: 'Warning', reason: end.reason, message: end.message, component: COMPONENT });
  }
  const suspended = status.conditions?.find(({ type }: any) => type === 'Suspended');
  const before = job.status?.conditions?.find(({ type }: any) => type === 'Suspended');
  if (suspended === undefined || suspended.status === before?.status) return;
  const reason = suspended.status === 'True' ? 'Suspended' : 'Resumed';
  recordEvent(store, job, { type: 'Normal', reason, message: suspended.message, component: COMPONENT });
}

function removeAfterTtl(store: Store, job: StoredObject, later: (milliseconds: number) => void): void {
  const { ttlSecondsAfterFinished: ttl } = job.spec;
  const { namespace, name, uid, deletionTimestamp } = job.metadata;
  if (ttl === undefined || deletionTimestamp !== undefined) return;
  const finishedAt = Date.parse(finishedCondition(job.status).lastTransitionTime);
  const left = finishedAt + ttl * 1000 - store.clock.now().getTime();
  if (left > 0) later(left);
  else store.remove(store.kind('batch/v1', 'Job'), namespace, name, { uid, propagation: 'Foreground' });
}
