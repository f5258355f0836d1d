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

/**
 * What the annotations of a pod say of one of its containers: `run`, `ready-after` and `stop-after` (durations such as `500ms`, `3s`,
 * `2m`), `exit-code`, `log` (text), and `fail` (OOMKilled, Error, CrashLoopBackOff, Evicted, ImagePullBackOff,
 * CreateContainerConfigError, Unschedulable). A value that cannot be read keeps the container from starting, and says why.
 */
export function readScript(
  pod: StoredObject,
  container: string,
  options: Pick<KubeletOptions, 'jobDuration' | 'readyDelay'>,
): ContainerScript {
  const read = (name: string) => annotation(pod, name, container);
  const problem = findProblem(read, pod);
  if (problem !== undefined) return { plan: 'refuse', reason: 'CreateContainerConfigError', message: problem };

  const fail = read('fail');
  if (fail === 'ImagePullBackOff') return { plan: 'refuse', reason: fail, message: 'manifest unknown' };
  if (fail === 'CreateContainerConfigError') return { plan: 'refuse', reason: fail, message: 'secret "missing" not found' };

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
export function isScripted(pod: StoredObject, container: string): boolean {
  return ['run', 'exit-code', 'log', 'fail'].some((name) => annotation(pod, name, container) !== undefined);
}

export function isUnschedulable(pod: StoredObject): boolean {
  return annotation(pod, 'fail') === 'Unschedulable';
}

function annotation({ metadata }: StoredObject, name: string, container?: string): string | undefined {
  const annotations = metadata.annotations ?? {};
  return annotations[`${SCRIPT_PREFIX}${name}.${container}`] ?? annotations[`${SCRIPT_PREFIX}${name}`];
}

const FAILURES = ['OOMKilled', 'Error', 'CrashLoopBackOff', 'Evicted', 'ImagePullBackOff', 'CreateContainerConfigError', 'Unschedulable'];

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

function exitOf(fail: string | undefined, exitCode: number): ContainerExit {
  if (fail === 'OOMKilled') return { exitCode: 137, reason: 'OOMKilled' };
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
}
