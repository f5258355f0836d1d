import type { KubeObject } from '../../cluster/port.ts';
import type { SeenFor } from './first-sights.ts';
import { failed, READY, waiting, type Readiness } from './readiness.ts';

export type PodOptions = {
  seenFor: SeenFor;
  /** Milliseconds that a pod may stay unschedulable, so that an autoscaler may act. */
  unschedulableGrace: number;
};

/**
 * Failed when a pod will not recover by itself (R§9.6, with reasons of their own for images and configuration), else Waiting for the
 * first pod that is not Ready; pods that succeeded or are being deleted do not matter. No pods are Ready. Give it the pods of the
 * current revision only. Messages name pod and container.
 */
export function assessPods(pods: readonly KubeObject[], options: PodOptions): Readiness {
  const assessed = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((pod) => assessPod(pod, options));
  return assessed.find(({ status }) => status === 'Failed') ?? assessed.find(({ status }) => status === 'Waiting') ?? READY;
}

function assessPod(pod: KubeObject, options: PodOptions): Readiness {
  const phase: string | undefined = pod.status?.phase;
  if (phase === 'Succeeded') return READY;
  // A pod that its node ended (Evicted, NodeShutdown): a workload's controller replaces it, for a Job's it is the end.
  if (phase === 'Failed' && pod.status.reason) {
    return pod.spec?.restartPolicy === 'Never' ? failed(pod.status.reason, inPod(pod, pod.status.message ?? pod.status.reason)) : READY;
  }
  const containers = containerStatuses(pod)
    .filter(({ ready }) => ready !== true)
    .map((status) => assessContainer(status, pod));
  return (
    assessScheduling(pod, options) ??
    containers.find((readiness) => readiness?.status === 'Failed') ??
    containers.find((readiness) => readiness !== undefined) ??
    assessReadyCondition(pod)
  );
}

function assessScheduling(pod: KubeObject, { seenFor, unschedulableGrace }: PodOptions): Readiness | undefined {
  const scheduled = findCondition(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const message = inPod(pod, scheduled.message ?? scheduled.reason ?? 'not scheduled');
  if (scheduled.reason !== 'Unschedulable') return waiting(message);
  const unschedulableFor = seenFor(`${pod.metadata.uid} unschedulable since ${scheduled.lastTransitionTime}`);
  return unschedulableFor >= unschedulableGrace ? failed('Unschedulable', message) : waiting(message);
}

/** Undefined when the container says nothing against its pod. */
function assessContainer(status: any, pod: KubeObject): Readiness | undefined {
  const { waiting: held, terminated } = status.state ?? {};
  const saying = (what: string, detail?: string) => inPod(pod, `container ${status.name}: ${what}${detail ? `: ${detail.trim()}` : ''}`);

  if (terminated?.reason === 'OOMKilled' || status.lastState?.terminated?.reason === 'OOMKilled') {
    return failed('OOMKilled', saying('OOMKilled', held?.message ?? terminated?.message));
  }
  if (terminated !== undefined && terminated.exitCode !== 0 && !isRestarted(status.name, pod)) {
    return failed('Error', saying(`exited with code ${terminated.exitCode}`, terminated.message));
  }
  // The kubelet says CrashLoopBackOff only some time after a crash, up to a minute later.
  if (terminated !== undefined && terminated.exitCode !== 0 && status.restartCount >= CRASH_LOOP_RESTARTS)
    return failed(
      'CrashLoopBackOff',
      saying(`exited with code ${terminated.exitCode} after ${status.restartCount} restarts`, terminated.message),
    );
  if (held === undefined) return undefined;
  const what = saying(held.reason ?? 'waiting', held.message);
  if (IMAGE_REASONS.has(held.reason)) return failed('ImagePullFailed', what);
  if (held.reason === 'CreateContainerConfigError') return failed('ContainerConfigError', what);
  if (held.reason === 'CrashLoopBackOff' && status.restartCount >= CRASH_LOOP_RESTARTS) return failed('CrashLoopBackOff', what);
  return waiting(what);
}

/** Sidecars (init containers that restart) are restarted in every pod, and ended with whatever code once the others have exited. */
function isRestarted(container: string, pod: KubeObject): boolean {
  const sidecar = pod.spec?.initContainers?.some(({ name, restartPolicy }: any) => name === container && restartPolicy === 'Always');
  return sidecar === true || pod.spec?.restartPolicy !== 'Never';
}

/** kubernetes/pkg/kubelet/images/types.go and the CRI's own; RegistryUnavailable is left out, as the registry may come back. */
const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'SignatureValidationFailed',
]);

/**
 * Four crashes in a row with the kubelet's 10 s and 20 s between them. The ancestor failed at the first and then never, because
 * programs that start before what they depend on crash a few times and recover (R§9.6, #275 to #277).
 */
const CRASH_LOOP_RESTARTS = 3;

function assessReadyCondition(pod: KubeObject): Readiness {
  const ready = findCondition(pod, 'Ready');
  if (ready?.status === 'True') return READY;
  return waiting(inPod(pod, ready?.message ?? ready?.reason ?? `not ready (${pod.status?.phase ?? 'no phase'})`));
}

function containerStatuses(pod: KubeObject): any[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

function findCondition(pod: KubeObject, type: string): any {
  return pod.status?.conditions?.find((condition: any) => condition.type === type);
}

function inPod(pod: KubeObject, what: string): string {
  return `pod ${pod.metadata.name}: ${what}`;
}
