import type { StoredObject } from '../../store.ts';
import { isTerminating } from '../pod-state.ts';
import { completionIndex, isIndexed } from './completion-indexes.ts';
import { completions } from './job-end.ts';
import { isFailed, replacesOnlyFailed, type JobPods } from './observe-pods.ts';

/** Which pods a Job that goes on needs. */
export type PodDemand = {
  /** One for each new pod: its index, or undefined where pods have none. */
  create: readonly (number | undefined)[];
  /** No longer wanted, though nothing is wrong with them. */
  remove: readonly StoredObject[];
  /** Milliseconds until failed pods may be replaced. */
  wait?: number;
};

/** kubernetes/pkg/controller/job, manageJob. */
export function demandPods(job: StoredObject, pods: JobPods, now: Date): PodDemand {
  if (job.spec.suspend === true) return { create: [], remove: pods.active };

  const wanted = wantedActive(job, pods);
  const surplus = pods.active.length - wanted;
  if (surplus > 0) return { create: [], remove: byStartup(job, pods.active).slice(0, surplus) };

  const count = wanted - pods.active.length - (replacesOnlyFailed(job) ? pods.terminating.length : 0);
  if (count <= 0) return { create: [], remove: [] };
  const wait = millisecondsOfBackoff(job, pods, now);
  if (wait > 0) return { create: [], remove: [], wait };
  return { create: isIndexed(job) ? pendingIndexes(job, pods, count) : Array.from({ length: count }, () => undefined), remove: [] };
}

function wantedActive({ spec }: StoredObject, { active, succeeded }: JobPods): number {
  const parallelism = spec.parallelism ?? 1;
  const wanted = completions(spec);
  if (wanted === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, wanted - succeeded));
}

/** The lowest indexes for which no pod has succeeded or is on its way. */
function pendingIndexes(job: StoredObject, { all, active, succeededIndexes }: JobPods, count: number): number[] {
  const held = replacesOnlyFailed(job) ? [...active, ...all.filter(isTerminating)] : active;
  const taken = new Set([...succeededIndexes, ...held.map((pod) => completionIndex(job, pod))]);
  const pending: number[] = [];
  for (let index = 0; index < job.spec.completions && pending.length < count; index += 1) {
    if (!taken.has(index)) pending.push(index);
  }
  return pending;
}

/** Those whose index the Job does not have any more first, then those that have come least far. */
function byStartup(job: StoredObject, pods: readonly StoredObject[]): StoredObject[] {
  const rank = (pod: StoredObject) => (isIndexed(job) && completionIndex(job, pod) === undefined ? -1 : progress(pod));
  return pods.toSorted((one, other) => rank(one) - rank(other));
}

function progress({ spec, status }: StoredObject): number {
  return (spec?.nodeName ? 1 : 0) + (status?.phase === 'Running' ? 2 : 0);
}

const FIRST_BACKOFF = 10_000;
const LONGEST_BACKOFF = 600_000;

/** After the last failure 10 s, doubled for each failure since the last success, 10 min at most. */
function millisecondsOfBackoff(job: StoredObject, { all }: JobPods, now: Date): number {
  const finished = all.filter(({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed');
  const lastSuccess = Math.max(-Infinity, ...finished.filter((pod) => !isFailed(pod, job)).map(finishTime));
  const failures = finished
    .filter((pod) => isFailed(pod, job))
    .map(finishTime)
    .filter((time) => time > lastSuccess);
  if (failures.length === 0) return 0;
  const backoff = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures.length - 1));
  return Math.max(...failures) + backoff - now.getTime();
}

function finishTime({ metadata, status }: StoredObject): number {
  const times: number[] = (status?.containerStatuses ?? [])
    .map(({ state }: any) => Date.parse(state?.terminated?.finishedAt))
    .filter((time: number) => !Number.isNaN(time));
  if (times.length > 0) return Math.max(...times);
  return Date.parse(metadata.deletionTimestamp ?? metadata.creationTimestamp);
}
