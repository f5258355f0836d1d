import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject, ObjectRef } from '../cluster/port.ts';

type Deps = { cluster: Pick<Cluster, 'list' | 'read' | 'remove'>; clock: Clock; say: (line: string) => void };

/**
 * Deletes StatefulSets with what Kubernetes would leave of them: the claims made from their `volumeClaimTemplates`. These are deleted
 * first, which takes effect once no pod uses them, then `removeSets` does its work, then it is waited until the claims are gone: wherever
 * this ends early, nothing is left that nobody knows of.
 */
export async function withoutClaims(
  statefulSets: readonly KubeObject[],
  removeSets: () => Promise<void>,
  { cluster, clock, say }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const claims = await findClaims(statefulSets, cluster, signal);
  for (const { metadata } of claims) {
    await cluster.remove(claimRef(metadata), { ...(metadata.uid !== undefined && { uid: metadata.uid }) }, signal);
    say(`deleting PersistentVolumeClaim ${metadata.namespace}/${metadata.name}`);
  }
  await removeSets();
  for (const claim of claims) await gone(claim, cluster, clock, signal);
}

async function findClaims(statefulSets: readonly KubeObject[], cluster: Pick<Cluster, 'list'>, signal: AbortSignal): Promise<KubeObject[]> {
  const claiming = statefulSets.filter(({ spec }) => (spec.volumeClaimTemplates ?? []).length > 0);
  if (claiming.length === 0) return [];
  const namespaces = new Set(claiming.map(({ metadata }) => metadata.namespace!));
  const lists = await Promise.all(
    [...namespaces].map((namespace) => cluster.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace }, signal)),
  );
  const claims = lists.flatMap(({ items }) => items);
  return claims.filter((claim) => claiming.some((statefulSet) => isClaimOf(claim, statefulSet)));
}

/**
 * The controller names a claim `<template>-<StatefulSet>-<ordinal>` and gives it the labels of the StatefulSet's selector
 * (kubernetes/pkg/controller/statefulset/stateful_set_utils.go). One that is older than the StatefulSet was put there for it, with data
 * that somebody wants to keep.
 */
function isClaimOf({ metadata: claim }: KubeObject, { metadata, spec }: KubeObject): boolean {
  const names: string[] = spec.volumeClaimTemplates.map((template: KubeObject) => `${template.metadata.name}-${metadata.name}-`);
  const labels = Object.entries<string>(spec.selector?.matchLabels ?? {});
  return (
    claim.namespace === metadata.namespace &&
    names.some((name) => claim.name.startsWith(name) && /^\d+$/.test(claim.name.slice(name.length))) &&
    labels.every(([key, value]) => claim.labels?.[key] === value) &&
    Date.parse(claim.creationTimestamp ?? '') >= Date.parse(metadata.creationTimestamp ?? '')
  );
}

async function gone({ metadata }: KubeObject, cluster: Pick<Cluster, 'read'>, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    const existing = await cluster.read(claimRef(metadata), signal);
    if (existing === undefined || existing.metadata.uid !== metadata.uid) return;
    await clock.sleep(pause, signal);
  }
}

function claimRef({ name, namespace }: KubeObject['metadata']): ObjectRef {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace };
}
