import type { PodLogs } from '../pod-logs.ts';
import type { Store, StoredObject } from '../store.ts';
import { containerLogs, type ContainerLogs } from './container-logs.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { isScripted } from './container-script.ts';
import { registerNode } from './node.ts';
import { DEFAULT_OPTIONS, type KubeletOptions } from './options.ts';
import { processRuntime } from './processes/process-runtime.ts';
import { runPod, type PodWorker } from './run-pod.ts';
import { startScheduler } from './scheduler.ts';
import { scriptedRuntime } from './scripted-runtime.ts';

export type Kubelet = {
  logs: ContainerLogs & PodLogs;
  /** Ends all processes and resolves when none is left; the pods stay as they are. */
  stop(): Promise<void>;
};

/**
 * Runs the pods of the store on one simulated node, scheduler included: their containers do what annotations of the pod say
 * ({@link readScript}) or, when `runProcesses` is set, what their command says.
 */
export function startKubelet(store: Store, given: Partial<KubeletOptions> = {}): Kubelet {
  const options: KubeletOptions = { ...DEFAULT_OPTIONS, ...given };
  const pods = store.kind('v1', 'Pod');
  const logs = containerLogs();
  const workers = new Map<string, PodWorker>();
  const { runtime, stopProcesses } = chooseRuntime(store, options);
  const nextIp = podAddresses();

  /** Looks at a pod as it is when its turn comes, not as it was when it changed. */
  function look({ metadata }: StoredObject): void {
    const pod = store.get(pods, metadata.namespace, metadata.name);
    if (pod?.metadata.uid !== metadata.uid) return forget(metadata);
    const isOurs = pod.spec.nodeName === options.node && !isOver(pod);
    const worker = workers.get(metadata.uid) ?? (isOurs ? begin(pod) : undefined);
    if (pod.spec.readinessGates !== undefined && !isOver(pod)) worker?.refresh();
    if (pod.metadata.deletionTimestamp === undefined) return;
    worker?.terminate((pod.metadata['deletionGracePeriodSeconds'] ?? 0) * 1000);
  }

  function begin(pod: StoredObject): PodWorker {
    const worker = runPod(pod, { store, options, runtime, logs, ip: nextIp() });
    workers.set(pod.metadata.uid, worker);
    return worker;
  }

  function forget({ namespace, name, uid }: StoredObject['metadata']): void {
    workers.get(uid)?.drop();
    workers.delete(uid);
    logs.forget({ namespace: namespace!, name, uid });
  }

  let isStopped = false;
  const lookSoon = (pod: StoredObject) => queueMicrotask(() => isStopped || look(pod));

  registerNode(store, options.node, options.capacity);
  const stopScheduler = startScheduler(store, options);
  const unsubscribe = store.subscribe(({ kind, object }) => {
    if (kind.group === '' && kind.plural === 'pods') lookSoon(object);
  });
  for (const pod of store.list(pods)) lookSoon(pod);

  return {
    logs,
    async stop() {
      isStopped = true;
      stopScheduler();
      unsubscribe();
      for (const worker of workers.values()) worker.drop();
      await stopProcesses();
    },
  };
}

function isOver({ status }: StoredObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function chooseRuntime(store: Store, options: KubeletOptions): { runtime: ContainerRuntime; stopProcesses(): Promise<void> | undefined } {
  const scripted = scriptedRuntime(store.clock, options);
  const processes = options.runProcesses ? processRuntime(store, options) : undefined;
  return {
    runtime: (start) => {
      const { pod, container } = start;
      if (isScripted(pod, container.name, options)) return scripted(start);
      const given = options.containers?.(start);
      if (given !== undefined) return given;
      const isOfJob = pod.spec.restartPolicy !== 'Always';
      return processes !== undefined && isOfJob && container.command !== undefined ? processes.runtime(start) : scripted(start);
    },
    stopProcesses: () => processes?.stop(),
  };
}

/** Addresses of pods, never the same twice. */
function podAddresses(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `10.1.${Math.floor(count / 256) % 256}.${count % 256}`;
  };
}
