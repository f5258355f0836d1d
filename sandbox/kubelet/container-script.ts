import type { StoredObject } from '../store.ts';
import type { KubeletOptions } from './options.ts';

/** How a container ends, in the words of a container's status. */
export type ContainerExit = { exitCode: number; reason: string; message?: string };

/** What happens to a container: it never starts, or it runs, for so many milliseconds or (undefined) until it is stopped. */
export type ContainerScript =
  | { plan: 'refuse'; reason: 'ImagePullBackOff' | 'CreateContainerConfigError'; message: string }
  | {
      plan: 'run';
      duration: number | undefined;
      exit: ContainerExit;
      /** The whole pod is evicted instead of the container's exit. */
      evicts: boolean;
      log: string;
      readyAfter: number;
      /** Milliseconds that it takes to stop; the grace period is the limit. */
      stopAfter: number;
    };

/** The prefix of the annotations; each may be followed by `.CONTAINER` and then is about that one alone. */
export const SCRIPT_PREFIX = 'sandbox.fieldtrial.dev/';

/** What of the node's options decides over containers. */
type ScriptOptions = Pick<KubeletOptions, 'jobDuration' | 'readyDelay' | 'annotate'>;

/**
 * What the annotations of a pod say of one of its containers: `run`, `ready-after` and `stop-after` (durations such as `500ms`, `3s`,
 * `2m`), `exit-code`, `log` (text), and `fail` (OOMKilled, Error, StartError, CrashLoopBackOff, Evicted, ImagePullBackOff,
 * CreateContainerConfigError, Unschedulable). A value that cannot be read keeps the container from starting, and says why.
 */
export function readScript(pod: StoredObject, container: string, options: ScriptOptions): ContainerScript {
  const read = (name: string) => annotation(pod, options, name, container);
  const problem = findProblem(read, pod);
  if (problem !== undefined) return { plan: 'refuse', reason: 'CreateContainerConfigError', message: problem };

  const fail = read('fail');
  if (fail === 'ImagePullBackOff') return { plan: 'refuse', reason: fail, message: 'manifest unknown' };
  if (fail === 'CreateContainerConfigError') return { plan: 'refuse', reason: fail, message: 'secret "missing" not found' };

  if (fail === 'StartError') return { ...NOTHING_RUNS, exit: startError(programOf(pod, container)) };

  const isOfJob = pod.spec.restartPolicy !== 'Always';
  const ends = isOfJob || fail !== undefined || read('exit-code') !== undefined;
  const duration = parseDuration(read('run')) ?? (ends ? options.jobDuration : undefined);
  return {
    plan: 'run',
    duration,
    exit: exitOf(fail, Number(read('exit-code') ?? (fail === undefined ? 0 : 1))),
    evicts: fail === 'Evicted',
    log: read('log') ?? '',
    readyAfter: parseDuration(read('ready-after')) ?? (isOfJob ? 0 : options.readyDelay),
    stopAfter: parseDuration(read('stop-after')) ?? 0,
  };
}

/** Whether an annotation says how the container runs; then it is simulated, also where processes may run. */
export function isScripted(pod: StoredObject, container: string, options: Pick<KubeletOptions, 'annotate'>): boolean {
  return ['run', 'exit-code', 'log', 'fail'].some((name) => annotation(pod, options, name, container) !== undefined);
}

export function isUnschedulable(pod: StoredObject, options: Pick<KubeletOptions, 'annotate'>): boolean {
  return annotation(pod, options, 'fail') === 'Unschedulable';
}

function annotation(
  pod: StoredObject,
  { annotate }: Pick<KubeletOptions, 'annotate'>,
  name: string,
  container?: string,
): string | undefined {
  const annotations = { ...annotate(pod), ...pod.metadata.annotations };
  return annotations[`${SCRIPT_PREFIX}${name}.${container}`] ?? annotations[`${SCRIPT_PREFIX}${name}`];
}

const FAILURES = [
  'OOMKilled',
  'Error',
  'StartError',
  'CrashLoopBackOff',
  'Evicted',
  'ImagePullBackOff',
  'CreateContainerConfigError',
  'Unschedulable',
];

function findProblem(read: (name: string) => string | undefined, { metadata }: StoredObject): string | undefined {
  const says = (name: string, expected: string) =>
    `annotation ${SCRIPT_PREFIX}${name} of pod ${metadata.name} is "${read(name)}": ${expected} is expected`;
  for (const name of ['run', 'ready-after', 'stop-after']) {
    if (read(name) !== undefined && parseDuration(read(name)) === undefined) {
      return says(name, 'a duration such as 500ms, 3s or 2m');
    }
  }
  const exitCode = read('exit-code');
  if (exitCode !== undefined && !/^\d{1,3}$/.test(exitCode)) return says('exit-code', 'a number from 0 to 255');
  const fail = read('fail');
  return fail === undefined || FAILURES.includes(fail) ? undefined : says('fail', `one of ${FAILURES.join(', ')}`);
}

function parseDuration(text: string | undefined): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '') ?? [];
  return amount === undefined ? undefined : Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
}

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const NOTHING_RUNS = { plan: 'run', duration: 0, evicts: false, log: '', readyAfter: 0, stopAfter: 0 } as const;

/** In the words of containerd and runc, for a program that the image does not have. */
function startError(program: string): ContainerExit {
  const message =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start ' +
    `container process: error during container init: exec: "${program}": executable file not found in $PATH`;
  return { exitCode: 128, reason: 'StartError', message };
}

function programOf({ spec }: StoredObject, name: string): string {
  const containers: any[] = [...(spec.initContainers ?? []), ...spec.containers];
  const { command = [], args = [] } = containers.find((each) => each.name === name) ?? {};
  return [...command, ...args][0] ?? 'entrypoint';
}

function exitOf(fail: string | undefined, exitCode: number): ContainerExit {
  if (fail === 'OOMKilled') return { exitCode: 137, reason: 'OOMKilled' };
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
}
