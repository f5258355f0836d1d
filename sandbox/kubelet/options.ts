import type { StoredObject } from '../store.ts';
import type { ContainerRuntime, ContainerStart } from './container-runtime.ts';
import type { Capacity } from './insufficient-resources.ts';

/** How the simulated node behaves where no annotation says otherwise; durations in milliseconds. */
export type KubeletOptions = {
  /** The name of the only node. */
  node: string;
  /** What the node offers to a single pod; pods do not take it from each other. */
  capacity: Capacity;
  /** From the binding of a pod to the start of its first container. */
  createDelay: number;
  /** What a container of a Job runs, before it exits with 0. */
  jobDuration: number;
  /** From the start of a workload's container until it is ready. */
  readyDelay: number;
  /** From the end of the last container to the pod's final phase. */
  stopDelay: number;
  /**
   * Containers of Jobs that have a `command` run as processes of this machine, with the rights of this process: for the demo alone.
   */
  runProcesses: boolean;
  /** Folders in which processes look for their programs first: for those that an image would bring. */
  processPath: readonly string[];
  /** Variables of every process, where its container does not have them: KUBECONFIG in the place of a service account's token, say. */
  processVariables: Readonly<Record<string, string>>;
  /** Annotations that a pod is taken to have besides its own: for pods whose authors know nothing of the sandbox, such as setup Jobs'. */
  annotate: (pod: StoredObject) => Record<string, string>;
  /** Runs containers that no annotation scripts, in this program; undefined for one that it leaves as it is [none]. */
  containers?: (start: ContainerStart) => ReturnType<ContainerRuntime> | undefined;
};

export const DEFAULT_OPTIONS: KubeletOptions = {
  node: 'sandbox',
  capacity: { cpu: '64', memory: '256Gi' },
  createDelay: 50,
  jobDuration: 500,
  readyDelay: 200,
  stopDelay: 20,
  runProcesses: false,
  processPath: [],
  processVariables: {},
  annotate: () => ({}),
};
