import { isForbidden } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** The workloads of a release, by the marks that helm puts on everything it creates; none of a kind that the task may not even list. */
export async function releaseWorkloads(
  kinds: readonly WorkloadKind[],
  { release, namespace }: { release: string; namespace: string },
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const lists = await Promise.all(kinds.map((kind) => listManaged(kind, namespace, cluster, signal)));
  return lists.flat().filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === release);
}

async function listManaged(
  kind: WorkloadKind,
  namespace: string,
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const query = { apiVersion: 'apps/v1', kind, namespace, labelSelector: 'app.kubernetes.io/managed-by=Helm' };
  try {
    // The server leaves both out of a list's items.
    return (await cluster.list(query, signal)).items.map((item) => ({ ...item, apiVersion: query.apiVersion, kind }));
  } catch (error) {
    // Who may not list them has not created any.
    if (isForbidden(error)) return [];
    throw error;
  }
}
