import type { KubeObject } from '../cluster/port.ts';
import type { TrialWindow } from '../model/trial.ts';
import { assessPods, type PodOptions } from './readiness/assess-pods.ts';
import type { SeenFor } from './readiness/first-sights.ts';

/** What the pods of a single-pod Job say of it. */
export type JobVerdict =
  | { status: 'Waiting'; message: string }
  | { status: 'Succeeded'; pods: KubeObject[] }
  | { status: 'Failed'; reason: string; message: string; infrastructure: boolean; pods: KubeObject[] };

/** Reasons that a pod's status gives when the node and not the program ended it (kubernetes/pkg/kubelet/eviction, nodeshutdown). */
const NODE_REASONS = new Set(['Evicted', 'NodeLost', 'NodeShutdown', 'Terminated', 'Preempting', 'Shutdown', 'UnexpectedAdmissionError']);

/** How long after its grace period a pod that is taken from its node may still run, as the node may be slow. Milliseconds. */
const ANSWERS_WITHIN = 60_000;
/** Seconds; Kubernetes' own default. */
const DEFAULT_GRACE_PERIOD = 30;

/**
 * Judges a Job by its pods: ended when the pod's phase is final, never by one container alone. Where somebody injected sidecars that
 * do not exit, the exits of the template's own containers decide.
 */
export function assessJobPods(pods: readonly KubeObject[], containers: readonly string[], options: PodOptions): JobVerdict {
  const all = [...pods];
  if (all.length === 0) return { status: 'Waiting', message: 'no pod yet' };
  const failed = all.find((pod) => pod.status?.phase === 'Failed' || ownExits(pod, containers)?.some((exit) => exit.exitCode !== 0));
  if (failed !== undefined) return failure(failed, containers, all);
  if (all.every((pod) => pod.status?.phase === 'Succeeded' || ownExits(pod, containers) !== undefined))
    return { status: 'Succeeded', pods: all };
  const lost = all.find((pod) => isLost(pod, options.seenFor));
  if (lost !== undefined) return failure(lost, containers, all);
  const readiness = assessPods(all.filter((pod) => pod.status?.phase === 'Pending').map(withoutEnded), options);
  if (readiness.status === 'Failed')
    return { status: 'Failed', reason: readiness.reason, message: readiness.message, infrastructure: false, pods: all };
  return { status: 'Waiting', message: all.map(progress).join('; ') };
}

/**
 * The failure of a Job of one pod that may not fail, where an exit has settled it before the pod's phase is final: other containers still
 * run, or the kubelet begins the container anew (`restartPolicy: OnFailure`) until the Job controller counts it and deletes the pod
 * (kubernetes/pkg/controller/job, pastBackoffLimitOnFailure). A container that a signal ended may have gone with its pod or node, whose
 * reason comes with the phase.
 */
export function settledFailure(pods: readonly KubeObject[], containers: readonly string[]): JobVerdict | undefined {
  const settled = pods.find(
    (pod) =>
      ['Pending', 'Running'].includes(pod.status?.phase) && countedStatuses(pod, containers).some((each) => isSettled(lastExit(each))),
  );
  return settled && failure(settled, containers, [...pods]);
}

/** Of 128 and above is the shell's way to say that a signal ended the program. */
function isSettled(exit: any): boolean {
  return exit !== undefined && exit.exitCode !== 0 && (exit.exitCode < 128 || exit.reason === 'OOMKilled');
}

/** Also of one that was begun anew since. */
function lastExit(status: any): any {
  return status.state?.terminated ?? status.lastState?.terminated;
}

/** From the earliest start to the last exit of the template's own containers (R§10, corrected), the start moved by the offset. */
export function trialWindow(pods: readonly KubeObject[], containers: readonly string[], startTimeOffset: number): TrialWindow | undefined {
  const terminated = pods.flatMap((pod) =>
    ownStatuses(pod, containers).flatMap((status) => (status.state?.terminated ? [status.state.terminated] : [])),
  );
  const starts = terminated.map((each) => Date.parse(each.startedAt)).filter(Number.isFinite);
  const ends = terminated.map((each) => Date.parse(each.finishedAt)).filter(Number.isFinite);
  if (starts.length === 0 || ends.length === 0) return undefined;
  const completion = Math.max(...ends);
  const start = Math.min(Math.min(...starts) + startTimeOffset, completion);
  return { startTime: new Date(start).toISOString(), completionTime: new Date(completion).toISOString() };
}

/** `container: image@digest` of what really ran, sorted. */
export function podImages(pods: readonly KubeObject[]): string[] {
  const images = pods.flatMap((pod) => {
    const statuses: any[] = pod.status?.containerStatuses ?? [];
    return statuses.filter((status) => status.imageID).map((status) => `${status.name}: ${String(status.imageID).replace(/^.*:\/\//, '')}`);
  });
  return [...new Set(images)].toSorted();
}

/** A pod is Pending while some containers still start and others have ended already: those have their say once its phase is final. */
function withoutEnded(pod: KubeObject): KubeObject {
  const open = (statuses: any[] = []) => statuses.filter((status) => status.state?.terminated === undefined);
  return {
    ...pod,
    status: {
      ...pod.status,
      containerStatuses: open(pod.status.containerStatuses),
      initContainerStatuses: open(pod.status.initContainerStatuses),
    },
  };
}

/** The exits of the own containers once all of them ended in a pod that runs others besides; undefined while that is open. */
function ownExits(pod: KubeObject, containers: readonly string[]): { exitCode: number }[] | undefined {
  const injected = (pod.spec?.containers ?? []).some((container: any) => !containers.includes(container.name));
  if (!injected) return undefined;
  const own = ownStatuses(pod, containers);
  if (own.length < containers.length || own.some((status) => status.state?.terminated === undefined)) return undefined;
  return own.map((status) => status.state.terminated);
}

function ownStatuses(pod: KubeObject, containers: readonly string[]): any[] {
  return (pod.status?.containerStatuses ?? []).filter((status: any) => containers.includes(status.name));
}

/** Of the program: its containers, and those that prepare it. */
function countedStatuses(pod: KubeObject, containers: readonly string[]): any[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }: any) => restartPolicy === 'Always');
  const isSidecar = ({ name }: any) => sidecars.some((sidecar: any) => sidecar.name === name);
  return [...ownStatuses(pod, containers), ...(pod.status?.initContainerStatuses ?? []).filter((status: any) => !isSidecar(status))];
}

/**
 * A node that is gone for good never ends its pods: they keep their phase, and a deletion that nobody carries out, until somebody deletes
 * the node (kubernetes/pkg/controller/tainteviction).
 */
function isLost(pod: KubeObject, seenFor: SeenFor): boolean {
  const { uid, deletionTimestamp, deletionGracePeriodSeconds = DEFAULT_GRACE_PERIOD } = pod.metadata;
  if (pod.status?.phase === 'Succeeded' || deletionTimestamp === undefined || disruption(pod) === undefined) return false;
  return seenFor(`${uid} deleted ${deletionTimestamp}`) >= Number(deletionGracePeriodSeconds) * 1000 + ANSWERS_WITHIN;
}

function disruption(pod: KubeObject): any {
  return (pod.status?.conditions ?? []).find(({ type, status }: any) => type === 'DisruptionTarget' && status === 'True');
}

function failure(pod: KubeObject, containers: readonly string[], pods: KubeObject[]): JobVerdict {
  const podReason: string | undefined = pod.status?.reason;
  const disrupted = disruption(pod);
  if (disrupted !== undefined || (podReason !== undefined && NODE_REASONS.has(podReason))) {
    const reason = podReason ?? disrupted.reason;
    return {
      status: 'Failed',
      reason,
      message: `pod ${pod.metadata.name}: ${pod.status?.message ?? disrupted?.message ?? reason}`,
      infrastructure: true,
      pods,
    };
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    // The exit code is that of the deletion; whether a deadline or somebody else wanted it, the Job tells.
    return { status: 'Waiting', message: `pod ${pod.metadata.name} is being deleted` };
  }
  const bad = firstToFail(countedStatuses(pod, containers));
  if (bad === undefined) {
    return {
      status: 'Failed',
      reason: podReason ?? 'PodFailed',
      message: `pod ${pod.metadata.name}: ${pod.status?.message ?? 'failed without saying why'}`,
      infrastructure: false,
      pods,
    };
  }
  const { exitCode, reason, message } = lastExit(bad);
  const said = message ? `: ${String(message).trim()}` : '';
  if (reason === 'OOMKilled')
    return {
      status: 'Failed',
      reason: 'OOMKilled',
      message: `container ${bad.name} ran out of memory (exit code ${exitCode})${said}`,
      infrastructure: false,
      pods,
    };
  const started = reason === 'ContainerCannotRun' || reason === 'StartError';
  return {
    status: 'Failed',
    reason: started ? 'ContainerCannotRun' : 'ContainerFailed',
    message: `container ${bad.name} exited with code ${exitCode}${started ? ` (${reason})` : ''}${said}`,
    infrastructure: false,
    pods,
  };
}

/** What failed later often failed because of it: other containers of the program, sidecars that were ended. */
function firstToFail(statuses: readonly any[]): any {
  const failed = statuses.filter((status) => (lastExit(status)?.exitCode ?? 0) !== 0);
  return failed.toSorted((left, right) => Date.parse(lastExit(left).finishedAt) - Date.parse(lastExit(right).finishedAt))[0];
}

function progress(pod: KubeObject): string {
  const statuses: any[] = pod.status?.containerStatuses ?? [];
  const waiting = statuses.flatMap((status) => (status.state?.waiting ? [`${status.name} ${status.state.waiting.reason}`] : []));
  if (waiting.length > 0) return waiting.join(', ');
  return `pod ${pod.metadata.name} is ${pod.status?.phase ?? 'Pending'}`;
}
