import type { StoredObject } from '../../store.ts';
import type { PodIdentity } from '../pods.ts';

/** Jobs of completionMode Indexed, one pod of which has to succeed for each index (kubernetes/pkg/controller/job/indexed_job_utils.go). */

/** Annotation and label of a pod. */
const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
/** Names are cut to what leaves room for a generated end: k8s.io/apiserver/pkg/storage/names. */
const LONGEST_BASE = 58;

export function isIndexed({ spec }: StoredObject): boolean {
  return spec.completionMode === 'Indexed';
}

/** undefined for a pod without an index, and for one whose index the Job does not have (any more). */
export function completionIndex(job: StoredObject, { metadata }: StoredObject): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX] ?? '';
  const index = /^\d+$/.test(text) ? Number(text) : undefined;
  return index !== undefined && index < job.spec.completions ? index : undefined;
}

/** Those of a status' `completedIndexes` that the Job (still) has. */
export function completedIndexes({ spec, status }: StoredObject): number[] {
  const text: string = status?.completedIndexes ?? '';
  const intervals = text.split(',').filter((interval) => interval !== '');
  return intervals.flatMap((interval) => {
    const [first, last = first] = interval.split('-').map(Number) as [number, number?];
    return Array.from({ length: Math.min(last, spec.completions - 1) - first + 1 }, (_, offset) => first + offset);
  });
}

/** As `completedIndexes` has them: `0,2-4`; two that follow each other are no interval. */
export function formatIndexes(indexes: Iterable<number>): string {
  const intervals: { first: number; last: number }[] = [];
  for (const index of [...indexes].toSorted((one, other) => one - other)) {
    const latest = intervals.at(-1);
    if (latest?.last === index - 1) latest.last = index;
    else intervals.push({ first: index, last: index });
  }
  return intervals.map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`)).join(',');
}

/** What tells a pod its index: annotation, label, hostname, name and, in each container, JOB_COMPLETION_INDEX. */
export function indexedIdentity(job: StoredObject, index: number): PodIdentity {
  const suffix = `-${index}-`;
  const { containers, initContainers } = job.spec.template.spec;
  return {
    generateName: job.metadata.name.slice(0, LONGEST_BASE - suffix.length) + suffix,
    labels: { [COMPLETION_INDEX]: String(index) },
    annotations: { [COMPLETION_INDEX]: String(index) },
    spec: {
      hostname: `${job.metadata.name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers !== undefined && { initContainers: initContainers.map(withIndex) }),
    },
  };
}

function withIndex(container: any): unknown {
  const env: any[] = container.env ?? [];
  if (env.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container;
  const fieldRef = { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` };
  return { ...container, env: [...env, { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }] };
}
