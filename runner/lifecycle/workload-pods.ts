import type { Cluster, KubeObject } from '../cluster/port.ts';
import type { Evidence } from '../model/errors.ts';
import { formatLabelSelector } from '../model/label-selector.ts';
import { named } from './decide-by-watching.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { podsOfCurrentRevision } from './readiness/current-pods.ts';

/** The pods that workloads select, and the ReplicaSets that tell which of them are of the current revision. */
export type WorkloadPods = { pods: KubeObject[]; replicaSets: KubeObject[] };

export const NO_PODS: WorkloadPods = { pods: [], replicaSets: [] };
export const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export async function lookAtPods(
  objects: readonly KubeObject[],
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<WorkloadPods> {
  const workloads = objects.filter(({ kind, spec }) => WORKLOADS.has(kind) && spec?.selector !== undefined);
  const looked = await Promise.all(
    workloads.map(async ({ kind, metadata, spec }) => {
      const query = { namespace: metadata.namespace, labelSelector: formatLabelSelector(spec.selector) };
      const replicaSets =
        kind === 'Deployment' ? (await cluster.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet', ...query }, signal)).items : [];
      const pods = (await cluster.list({ apiVersion: 'v1', kind: 'Pod', ...query }, signal)).items;
      return { pods: pods.map((pod) => named(pod, { apiVersion: 'v1', kind: 'Pod' })), replicaSets };
    }),
  );
  return { pods: looked.flatMap(({ pods }) => pods), replicaSets: looked.flatMap(({ replicaSets }) => replicaSets) };
}

/** What the pods of the current revision tell. */
export function podEvidence(
  objects: readonly KubeObject[],
  { pods, replicaSets }: WorkloadPods,
  cluster: Pick<Cluster, 'list' | 'log'>,
  signal: AbortSignal,
): Promise<Evidence> {
  return gatherEvidence(
    objects.flatMap((object) => podsOfCurrentRevision(object, pods, replicaSets)),
    cluster,
    signal,
  );
}
