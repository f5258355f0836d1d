import { recordEvent } from '../controllers/record-event.ts';
import { timestamp } from '../timestamp.ts';
import { writeStatus } from '../controllers/write-status.ts';
import type { Store, StoredObject } from '../store.ts';
import { containerId } from './container-id.ts';
import type { ContainerLogs } from './container-logs.ts';
import type { ContainerRuntime, RunningContainer } from './container-runtime.ts';
import { readScript, type ContainerExit } from './container-script.ts';
import type { KubeletOptions } from './options.ts';
import { badConfiguration, crashLoop, failedPull, pullBackOff, type Held, type Notice } from './held-containers.ts';
import { isEnded, isInitialized, isRestarted, newPodRun, restartBackoff, type ContainerRun } from './pod-run.ts';
import { podStatus } from './pod-status.ts';
import { createTimers } from './timers.ts';

export type PodWorker = {
  /** Stops its containers within so many milliseconds, and then deletes the pod. */
  terminate(grace: number): void;
  /** Somebody else has written to the pod's status. */
  refresh(): void;
  /** The pod is gone, or nobody looks any more: nothing is written from now on. */
  drop(): void;
};

export type PodDependencies = {
  store: Store;
  options: KubeletOptions;
  runtime: ContainerRuntime;
  logs: ContainerLogs;
  ip: string;
};

/**
 * Lives a pod's life: its containers are created, run, become ready, end, are started again by the restart policy with the kubelet's
 * delays, and the pod comes to its final phase; each step is written to its status.
 */
export function runPod(pod: StoredObject, { store, options, runtime, logs, ip }: PodDependencies): PodWorker {
  const { namespace, name, uid } = pod.metadata;
  const pods = store.kind('v1', 'Pod');
  const identity = { namespace: namespace!, name, uid };
  const { clock } = store;
  const now = () => timestamp(clock.now());
  const run = newPodRun(pod, now(), ip);
  const running = new Map<string, RunningContainer>();
  const timers = createTimers(clock);
  let state: 'living' | 'ending' | 'dropped' = 'living';

  publish();
  timers.after(options.createDelay, () => {
    run.hasSandbox = true;
    startNext();
    publish();
  });
  return { terminate, refresh: publish, drop };

  /** The next init container or, when all have done their part, all others. */
  function startNext(): void {
    const inits = run.containers.filter(({ role }) => role !== 'main');
    const next = inits.find((container) => !isInitialized(container));
    if (next !== undefined) {
      if (next.state.is === 'waiting') start(next);
      return;
    }
    for (const container of run.containers) {
      if (container.role === 'main' && container.state.is === 'waiting') start(container);
    }
  }

  function start(container: ContainerRun): void {
    const script = readScript(pod, container.name, options);
    if (script.plan === 'refuse' && script.reason === 'ImagePullBackOff') return failToPull(container, script.message);
    if (script.plan === 'refuse') return hold(container, badConfiguration(script.message));

    logs.begin(identity, container.name);
    const attempt = containerId(uid, container.name, container.restarts);
    const started = runtime({
      pod: current(),
      container: specOf(container),
      write: (text) => logs.append(identity, container.name, text),
      exited: (exit) => {
        if (script.evicts && state === 'living') evict();
        else end(container, attempt, exit);
      },
    });
    if ('refused' in started) return hold(container, badConfiguration(started.refused));
    running.set(container.name, started);
    container.state = { is: 'running', startedAt: now(), containerID: attempt };
    tell(container, { type: 'Normal', reason: 'Pulled', message: `Container image "${container.image}" already present on machine` });
    tell(container, { type: 'Normal', reason: 'Created', message: 'Container created' });
    tell(container, { type: 'Normal', reason: 'Started', message: 'Container started' });
    if (script.readyAfter === 0) container.ready = true;
    else timers.after(script.readyAfter, () => becomeReady(container, attempt));
    if (container.role === 'sidecar') startNext();
  }

  function becomeReady(container: ContainerRun, attempt: string): void {
    if (container.state.is !== 'running' || container.state.containerID !== attempt) return;
    container.ready = true;
    publish();
  }

  function failToPull(container: ContainerRun, why: string): void {
    hold(container, failedPull(container, why));
    timers.after(PULL_BACKOFF, () => {
      hold(container, pullBackOff(container, why));
      publish();
    });
  }

  function hold(container: ContainerRun, { state, notices }: Held): void {
    container.state = state;
    for (const notice of notices) tell(container, notice);
  }

  function end(container: ContainerRun, attempt: string, exit: ContainerExit): void {
    if (state === 'dropped' || container.state.is !== 'running' || container.state.containerID !== attempt) return;
    running.delete(container.name);
    const { startedAt, containerID } = container.state;
    container.state = { is: 'terminated', ...exit, startedAt, finishedAt: now(), containerID };
    container.ready = false;
    publish();
    if (state === 'ending') return finishWhenStopped();
    if (isRestarted(container, pod)) return restartLater(container);
    if (isEnded(run, pod)) return stopRemaining();
    if (container.role === 'init') {
      startNext();
      publish();
    }
  }

  function restartLater(container: ContainerRun): void {
    const backoff = restartBackoff(container.restarts);
    if (backoff > 0) timers.after(CRASH_NOTICED, () => backOff(container, backoff));
    timers.after(Math.max(backoff, CRASH_NOTICED), () => restart(container));
  }

  function backOff(container: ContainerRun, backoff: number): void {
    if (state !== 'living' || container.state.is !== 'terminated') return;
    container.last = container.state;
    hold(container, crashLoop(container, pod, backoff));
    publish();
  }

  function restart(container: ContainerRun): void {
    if (state !== 'living') return;
    if (container.state.is === 'terminated') container.last = container.state;
    container.restarts += 1;
    start(container);
    publish();
  }

  /** Sidecars end after the others. */
  function stopRemaining(): void {
    state = 'ending';
    for (const container of running.values()) container.stop(graceOf(pod));
    finishWhenStopped();
  }

  function finishWhenStopped(): void {
    if (running.size > 0) return;
    timers.cancel();
    timers.after(options.stopDelay, () => {
      run.hasSandbox = false;
      run.isOver = true;
      publish();
      if (current().metadata.deletionTimestamp !== undefined) remove();
    });
  }

  function evict(): void {
    run.evicted = EVICTION;
    state = 'ending';
    recordEvent(store, pod, { type: 'Warning', reason: 'Evicted', message: EVICTION, component: 'kubelet', host: options.node });
    for (const container of running.values()) container.stop(0);
    for (const container of run.containers) {
      if (container.state.is === 'running') end(container, container.state.containerID, KILLED);
    }
  }

  function terminate(grace: number): void {
    if (run.isOver) return remove();
    // What is ending already deletes the pod when it has ended.
    if (state !== 'living') return;
    state = 'ending';
    timers.cancel();
    for (const container of run.containers) {
      if (running.has(container.name))
        tell(container, { type: 'Normal', reason: 'Killing', message: `Stopping container ${container.name}` });
    }
    for (const container of running.values()) container.stop(grace);
    finishWhenStopped();
  }

  function remove(): void {
    if (store.get(pods, namespace, name)?.metadata.uid !== uid) return;
    store.remove(pods, namespace, name, { uid, gracePeriodSeconds: 0 });
  }

  function drop(): void {
    state = 'dropped';
    timers.cancel();
    for (const container of running.values()) container.stop(0);
    running.clear();
  }

  function current(): StoredObject {
    const stored = store.get(pods, namespace, name);
    return stored?.metadata.uid === uid ? stored : pod;
  }

  function publish(): void {
    const stored = current();
    writeStatus(store, stored, podStatus(stored, run, now()));
  }

  function specOf({ name: container, role }: ContainerRun): any {
    const containers: any[] = role === 'main' ? pod.spec.containers : pod.spec.initContainers;
    return containers.find((each) => each.name === container);
  }

  function tell({ name: container, role }: ContainerRun, notice: Notice): void {
    const fieldPath = `spec.${role === 'main' ? 'containers' : 'initContainers'}{${container}}`;
    recordEvent(store, pod, { ...notice, component: 'kubelet', host: options.node, fieldPath });
  }
}

/** From a crash to the state CrashLoopBackOff, and to the first start after it: the kubelet looks at its pods every second. */
const CRASH_NOTICED = 1000;
const PULL_BACKOFF = 10_000;
const KILLED: ContainerExit = { exitCode: 137, reason: 'Error' };
const EVICTION = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. ';

function graceOf({ spec }: StoredObject): number {
  return (spec.terminationGracePeriodSeconds ?? 30) * 1000;
}
