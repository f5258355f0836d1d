import type { StoredObject } from '../../store.ts';
import { isFinished, isTerminating } from '../pod-state.ts';
import { isUnavailable, ordinalOf, podName, revisionLabel } from './stateful-pods.ts';

/** The names of the two revisions that a StatefulSet's pods may have. */
export type Revisions = { current: string; update: string };

export type StatefulSetPlan = {
  create: { ordinal: number; revision: string }[];
  remove: StoredObject[];
};

/**
 * What to do with a StatefulSet's pods now. In order, at most one thing at a time: create what is missing from the first to the last,
 * remove what is too much and replace what is of an old revision from the last to the first, each only when all others are available.
 * With podManagementPolicy Parallel nothing waits but replacements (kubernetes/pkg/controller/statefulset, updateStatefulSet).
 */
export function planStatefulSet(set: StoredObject, pods: readonly StoredObject[], revisions: Revisions, now: Date): StatefulSetPlan {
  const nothing: StatefulSetPlan = { create: [], remove: [] };
  if (set.metadata.deletionTimestamp !== undefined) return nothing;

  const ordinals = ordinalsOf(set);
  const replicas = ordinals.map((ordinal) => pods.find(({ metadata }) => metadata.name === podName(set, ordinal)));
  const parallel = set.spec.podManagementPolicy === 'Parallel';

  const creation = parallel ? createAll(set, ordinals, replicas, revisions) : createNext(set, ordinals, replicas, revisions, now);
  if (creation !== undefined) return creation;

  const condemned = pods
    .filter((pod) => ordinalOf(pod) !== undefined && !ordinals.includes(ordinalOf(pod)!))
    .sort((one, other) => ordinalOf(other)! - ordinalOf(one)!);
  if (condemned.length > 0) return { ...nothing, remove: removeCondemned(condemned, parallel, set, now) };
  return { ...nothing, remove: replaceOld(set, replicas as StoredObject[], revisions, now) };
}

export function ordinalsOf({ spec }: StoredObject): number[] {
  const start: number = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas ?? 1 }, (_, index) => start + index);
}

/** Undefined when all are there and available. */
function createNext(
  set: StoredObject,
  ordinals: readonly number[],
  replicas: readonly (StoredObject | undefined)[],
  revisions: Revisions,
  now: Date,
): StatefulSetPlan | undefined {
  const index = replicas.findIndex((pod) => isUnavailable(pod, set, now));
  if (index === -1) return undefined;
  const [pod, ordinal] = [replicas[index], ordinals[index]!];
  if (pod === undefined) return { create: [{ ordinal, revision: revisionFor(set, ordinal, revisions) }], remove: [] };
  return { create: [], remove: isFinished(pod) && !isTerminating(pod) ? [pod] : [] };
}

function createAll(
  set: StoredObject,
  ordinals: readonly number[],
  replicas: readonly (StoredObject | undefined)[],
  revisions: Revisions,
): StatefulSetPlan | undefined {
  const missing = ordinals.filter((_, index) => replicas[index] === undefined);
  const dead = replicas.filter((pod) => pod !== undefined && isFinished(pod) && !isTerminating(pod));
  if (missing.length === 0 && dead.length === 0) return undefined;
  return {
    create: missing.map((ordinal) => ({ ordinal, revision: revisionFor(set, ordinal, revisions) })),
    remove: dead as StoredObject[],
  };
}

function removeCondemned(condemned: readonly StoredObject[], parallel: boolean, set: StoredObject, now: Date): StoredObject[] {
  const staying = condemned.filter((pod) => !isTerminating(pod));
  if (parallel) return staying;
  if (staying.length < condemned.length) return [];
  const firstUnavailable = condemned.findLast((pod) => isUnavailable(pod, set, now));
  const [last] = condemned;
  return last !== undefined && (!isUnavailable(last, set, now) || last === firstUnavailable) ? [last] : [];
}

/** Pods below the partition are made of the former template. */
function revisionFor({ spec }: StoredObject, ordinal: number, { current, update }: Revisions): string {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  const start = spec.ordinals?.start ?? 0;
  return type !== 'OnDelete' && ordinal < start + (rollingUpdate?.partition ?? 0) ? current : update;
}

function replaceOld(set: StoredObject, replicas: readonly StoredObject[], revisions: Revisions, now: Date): StoredObject[] {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  for (const pod of replicas.toReversed()) {
    if (ordinalOf(pod)! < (set.spec.ordinals?.start ?? 0) + (rollingUpdate?.partition ?? 0)) return [];
    if (revisionLabel(pod) !== revisions.update && !isTerminating(pod)) return [pod];
    if (isUnavailable(pod, set, now)) return [];
  }
  return [];
}
