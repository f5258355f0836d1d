import type { StoredObject } from '../store.ts';
import type { ContainerExit } from './container-script.ts';

export type Terminated = ContainerExit & { startedAt: string; finishedAt: string; containerID: string };

export type ContainerState =
  | { is: 'waiting'; reason: string; message?: string }
  | { is: 'running'; startedAt: string; containerID: string }
  | ({ is: 'terminated' } & Terminated);

export type ContainerRun = {
  readonly name: string;
  readonly image: string;
  /** `sidecar`: an init container that goes on beside the others. */
  readonly role: 'init' | 'sidecar' | 'main';
  state: ContainerState;
  ready: boolean;
  restarts: number;
  last?: Terminated;
};

/** What the kubelet knows of a pod that it runs. */
export type PodRun = {
  readonly startedAt: string;
  readonly ip: string;
  readonly containers: readonly ContainerRun[];
  /** The pod's sandbox, in which containers start. */
  hasSandbox: boolean;
  /** Nothing of it runs any more, and nothing will. */
  isOver: boolean;
  evicted?: string;
};

export function newPodRun({ spec }: StoredObject, startedAt: string, ip: string): PodRun {
  const inits: any[] = spec.initContainers ?? [];
  const waiting = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const run =
    (role: (container: any) => ContainerRun['role']) =>
    (container: any): ContainerRun => ({
      name: container.name,
      image: container.image ?? '',
      role: role(container),
      state: { is: 'waiting', reason: waiting },
      ready: false,
      restarts: 0,
    });
  return {
    startedAt,
    ip,
    hasSandbox: false,
    isOver: false,
    containers: [
      ...inits.map(run(({ restartPolicy }) => (restartPolicy === 'Always' ? 'sidecar' : 'init'))),
      ...spec.containers.map(run(() => 'main')),
    ],
  };
}

export function isSuccessful({ state }: ContainerRun): boolean {
  return state.is === 'terminated' && state.exitCode === 0;
}

/** An init container that has done its part: it has succeeded or, as a sidecar, runs. */
export function isInitialized(container: ContainerRun): boolean {
  return container.role === 'sidecar' ? container.state.is === 'running' : isSuccessful(container);
}

/** Whether a container that has ended is to be started again (kubernetes/pkg/kubelet/container/helpers.go, ShouldContainerBeRestarted). */
export function isRestarted({ role, state }: ContainerRun, { spec }: StoredObject): boolean {
  if (state.is !== 'terminated') return false;
  if (role === 'sidecar') return true;
  const policy = spec.restartPolicy ?? 'Always';
  return (policy === 'Always' && role === 'main') || (policy !== 'Never' && state.exitCode !== 0);
}

/** An init container has failed for good, or all containers but sidecars have ended for good. */
export function isEnded({ containers }: PodRun, pod: StoredObject): boolean {
  const hasEnded = (container: ContainerRun) => container.state.is === 'terminated' && !isRestarted(container, pod);
  const failedInit = containers.some((each) => each.role === 'init' && hasEnded(each) && !isSuccessful(each));
  return failedInit || containers.filter(({ role }) => role === 'main').every(hasEnded);
}

/**
 * The milliseconds before a container starts again: the first time none, then 10 s, doubled each time, 5 min at most
 * (kubernetes/pkg/kubelet, MaxContainerBackOff).
 */
export function restartBackoff(restarts: number): number {
  return restarts === 0 ? 0 : Math.min(300_000, 10_000 * 2 ** (restarts - 1));
}
