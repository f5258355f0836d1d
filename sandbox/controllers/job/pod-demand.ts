import type { StoredObject } from '../../store.ts';
import { completions } from './job-end.ts';
import { isFailed, replacesOnlyFailed, type JobPods } from './observe-pods.ts';

/** Which pods a Job that goes on needs. */
export type PodDemand = {
  create: number;
  /** No longer wanted, though nothing is wrong with them. */
  remove: readonly StoredObject[];
  /** Milliseconds until failed pods may be replaced. */
  wait?: number;
};

/** kubernetes/pkg/controller/job, manageJob. */
export function demandPods(job: StoredObject, pods: JobPods, now: Date): PodDemand {
  if (job.spec.suspend === true) return { create: 0, remove: pods.active };

  const wanted = wantedActive(job, pods);
  const surplus = pods.active.length - wanted;
  if (surplus > 0) return { create: 0, remove: byStartup(pods.active).slice(0, surplus) };

  const create = wanted - pods.active.length - (replacesOnlyFailed(job) ? pods.terminating.length : 0);
  if (create <= 0) return { create: 0, remove: [] };
  const wait = millisecondsOfBackoff(job, pods, now);
  return wait > 0 ? { create: 0, remove: [], wait } : { create, remove: [] };
}

function wantedActive({ spec }: StoredObject, { active, succeeded }: JobPods): number {
  const parallelism = spec.parallelism ?? 1;
  const wanted = completions(spec);
  if (wanted === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, wanted - succeeded));
}

/** Those that have come least far first. */
function byStartup(pods: readonly StoredObject[]): StoredObject[] {
  return pods.toSorted((one, other) => progress(one) - progress(other));
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
