import { isDeepStrictEqual } from 'node:util';

import type { NewObject, StoredObject } from '../../store.ts';
import { controllerRef } from '../ownership.ts';
import { templateHash } from '../template-hash.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

const HASH_LABEL = 'pod-template-hash';

/** A Deployment's ReplicaSets: the one of its template, when there is one, and all others. */
export type ReplicaSets = { current: StoredObject | undefined; old: readonly StoredObject[] };

/** The oldest of those with the Deployment's template is the current one. */
export function sortReplicaSets(deployment: StoredObject, sets: readonly StoredObject[]): ReplicaSets {
  const byAge = sets.toSorted((one, other) => createdAt(one) - createdAt(other));
  const current = byAge.find((set) => isDeepStrictEqual(withoutHash(set.spec.template), withoutHash(deployment.spec.template)));
  return { current, old: byAge.filter((set) => set !== current) };
}

/** The ReplicaSet of the Deployment's template, not created yet. */
export function newReplicaSet(deployment: StoredObject, replicas: number, maxReplicas: number, old: readonly StoredObject[]): NewObject {
  const { selector, template, minReadySeconds } = deployment.spec;
  const hash = templateHash(template);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return structuredClone({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: replicaSetAnnotations(deployment, {}, nextRevision(old), maxReplicas),
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  });
}

/** The current ReplicaSet's annotations are those of its Deployment, with the revision and the sizes. */
export function replicaSetAnnotations(
  deployment: StoredObject,
  present: Record<string, string>,
  revision: number,
  maxReplicas: number,
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name));
  return {
    ...present,
    ...Object.fromEntries(copied),
    [REVISION]: String(Math.max(revision, revisionOf(present))),
    [DESIRED_REPLICAS]: String(deployment.spec.replicas ?? 1),
    [MAX_REPLICAS]: String(maxReplicas),
  };
}

export function nextRevision(old: readonly StoredObject[]): number {
  return Math.max(0, ...old.map(({ metadata }) => revisionOf(metadata.annotations))) + 1;
}

export function revisionOf(annotations: Record<string, string> | undefined): number {
  return Number(annotations?.[REVISION] ?? 0);
}

/** The pods that these ReplicaSets are to have. */
export function sumReplicas(sets: readonly (StoredObject | undefined)[]): number {
  return sets.reduce((sum, set) => sum + (set?.spec.replicas ?? 0), 0);
}

/** One of the numbers that these ReplicaSets report. */
export function sumStatus(sets: readonly (StoredObject | undefined)[], field: string): number {
  return sets.reduce((sum, set) => sum + (set?.status?.[field] ?? 0), 0);
}

const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

function withoutHash({ metadata = {}, spec }: any): unknown {
  const { [HASH_LABEL]: _, ...labels } = metadata.labels ?? {};
  return { metadata: { labels, annotations: metadata.annotations ?? {} }, spec };
}

function createdAt({ metadata }: StoredObject): number {
  return Date.parse(metadata.creationTimestamp);
}
