import type { StoredObject } from '../store.ts';
import { imageIdentity, imageReference } from './image-reference.ts';
import { isEnded, isInitialized, isSuccessful, type ContainerRun, type ContainerState, type PodRun, type Terminated } from './pod-run.ts';

/** The address of the only node. */
export const HOST_IP = '10.0.0.1';

/** A pod's status as a kubelet writes it (kubernetes/pkg/kubelet/status/generate.go and kubelet_pods.go, convertStatusToAPIStatus). */
export function podStatus(pod: StoredObject, run: PodRun, now: string): any {
  const statuses = (wanted: (container: ContainerRun) => boolean) => run.containers.filter(wanted).map(containerStatus);
  const inits = statuses(({ role }) => role !== 'main');
  const mains = statuses(({ role }) => role === 'main').sort((one, other) => (one.name < other.name ? -1 : 1));
  const isPlaced = run.hasSandbox || run.containers.some(({ state }) => state.is !== 'waiting');
  return {
    ...(pod.status?.qosClass && { qosClass: pod.status.qosClass }),
    phase: phaseOf(pod, run),
    ...(run.evicted !== undefined && { reason: 'Evicted', message: run.evicted }),
    observedGeneration: pod.metadata.generation,
    conditions: conditions(pod, run, now),
    hostIP: HOST_IP,
    hostIPs: [{ ip: HOST_IP }],
    ...(isPlaced && { podIP: run.ip, podIPs: [{ ip: run.ip }] }),
    startTime: run.startedAt,
    ...(inits.length > 0 && { initContainerStatuses: inits }),
    containerStatuses: mains,
  };
}

function phaseOf(pod: StoredObject, run: PodRun): string {
  if (run.evicted !== undefined) return 'Failed';
  const mains = run.containers.filter(({ role }) => role === 'main');
  if (run.isOver) return mains.every(isSuccessful) ? 'Succeeded' : 'Failed';
  return mains.some(({ state, restarts }) => state.is !== 'waiting' || restarts > 0 || pod.status?.phase === 'Running')
    ? 'Running'
    : 'Pending';
}

function containerStatus({ name, image, role, state, ready, restarts, last }: ContainerRun) {
  const { containerID } = state.is === 'waiting' ? { containerID: last?.containerID } : state;
  const isPulled = containerID !== undefined;
  return {
    ...(isPulled && { containerID }),
    image: isPulled ? imageReference(image) : image,
    imageID: isPulled ? imageIdentity(image) : '',
    lastState: last === undefined ? {} : { terminated: terminated(last) },
    name,
    ready: role === 'init' ? state.is === 'terminated' && state.exitCode === 0 : ready,
    ...(isPulled && { resources: {} }),
    restartCount: restarts,
    started: state.is === 'running',
    state: stateOf(state),
  };
}

function stateOf(state: ContainerState) {
  switch (state.is) {
    case 'waiting':
      return { waiting: { ...(state.message !== undefined && { message: state.message }), reason: state.reason } };
    case 'running':
      return { running: { startedAt: state.startedAt } };
    case 'terminated':
      return { terminated: terminated(state) };
  }
}

function terminated({ containerID, exitCode, finishedAt, message, reason, startedAt }: Terminated) {
  return { containerID, exitCode, finishedAt, ...(message !== undefined && { message }), reason, startedAt };
}

function conditions(pod: StoredObject, run: PodRun, now: string): any[] {
  const containersReady = containersReadyCondition(pod, run);
  const wanted = [
    ...(run.evicted === undefined
      ? []
      : [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: run.evicted }]),
    { type: 'PodReadyToStartContainers', status: run.hasSandbox ? 'True' : 'False' },
    { type: 'Initialized', ...initialized(pod, run) },
    { type: 'Ready', ...readyCondition(pod, containersReady) },
    { type: 'ContainersReady', ...containersReady },
    { type: 'PodScheduled', status: 'True' },
  ];
  const known: any[] = pod.status?.conditions ?? [];
  const ofOthers = known.filter(({ type }) => wanted.every((condition) => condition.type !== type));
  const own = wanted.map((condition) => {
    const before = known.find(({ type }) => type === condition.type);
    return {
      ...condition,
      lastProbeTime: null,
      lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : now,
      observedGeneration: pod.metadata.generation,
    };
  });
  return [...ofOthers, ...own];
}

function initialized(pod: StoredObject, run: PodRun) {
  const inits = run.containers.filter(({ role }) => role !== 'main');
  const mains = run.containers.filter(({ role }) => role === 'main');
  const hasBegun = mains.some(({ state, restarts }) => state.is !== 'waiting' || restarts > 0);
  const incomplete = hasBegun ? [] : inits.filter((container) => !isInitialized(container));
  if (incomplete.length === 0) {
    return isEnded(run, pod) && mains.every(isSuccessful) ? { status: 'True', reason: 'PodCompleted' } : { status: 'True' };
  }
  const message = `containers with incomplete status: ${listOf(incomplete)}`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

/** Beside its containers, the conditions that the pod names as its readiness gates have to be true, which others set. */
function readyCondition({ spec, status }: StoredObject, containersReady: { status: string; reason?: string; message?: string }) {
  if (containersReady.status !== 'True') return containersReady;
  const gates: { conditionType: string }[] = spec.readinessGates ?? [];
  const closed = gates.flatMap(({ conditionType }) => {
    const condition = status?.conditions?.find(({ type }: any) => type === conditionType);
    if (condition === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (condition.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  if (closed.length === 0) return containersReady;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: closed.join(', ') };
}

function containersReadyCondition(pod: StoredObject, run: PodRun): { status: string; reason?: string; message?: string } {
  const mains = run.containers.filter(({ role }) => role === 'main');
  if (run.isOver || isEnded(run, pod)) {
    return { status: 'False', reason: mains.every(isSuccessful) ? 'PodCompleted' : 'PodFailed' };
  }
  const unready = run.containers.filter(({ role, ready }) => role !== 'init' && !ready);
  if (unready.length === 0) return { status: 'True' };
  const message = `containers with unready status: ${listOf(unready)}`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function listOf(containers: readonly ContainerRun[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`;
}
