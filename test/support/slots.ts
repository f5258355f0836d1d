import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, KubeObject } from '../../runner/cluster/port.ts';

/** The service account of setup Jobs, where a trial template names no other. */
const SETUP_ACCOUNT = 'fieldtrial-setup';

export async function createNamespace(cluster: Pick<Cluster, 'create'>, name: string, labels: Record<string, string> = {}): Promise<void> {
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }, AbortSignal.timeout(30_000));
}

/**
 * Creates a namespace that can be a slot, where setup tasks may do whatever an admin of that namespace may. Labels decide which
 * experiments take it.
 */
export async function createSlot(cluster: Pick<Cluster, 'create'>, name: string, labels: Record<string, string> = {}): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  await createNamespace(cluster, name, labels);
  await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: SETUP_ACCOUNT, namespace: name } }, signal);
  await cluster.create(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: SETUP_ACCOUNT, namespace: name },
      subjects: [{ kind: 'ServiceAccount', name: SETUP_ACCOUNT, namespace: name }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
    },
    signal,
  );
}

/** Deletes the namespace with everything in it and waits until it is gone. */
export async function deleteSlot(cluster: Pick<Cluster, 'remove' | 'read'>, name: string): Promise<void> {
  const signal = AbortSignal.timeout(120_000);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name };
  await cluster.remove(namespace, {}, signal);
  while ((await cluster.read(namespace, signal)) !== undefined) await sleep(200, undefined, { signal });
}

/** Everything a trial can leave behind in a slot, as `Kind name`, sorted. */
export async function remains(cluster: Pick<Cluster, 'list'>, slot: string): Promise<string[]> {
  const signal = AbortSignal.timeout(30_000);
  const trials = 'fieldtrial.dev/trial';
  const lists = await Promise.all([
    ...['v1 Pod', 'v1 Service', 'apps/v1 Deployment', 'apps/v1 StatefulSet', 'apps/v1 DaemonSet', 'v1 ConfigMap'].map((each) =>
      listed(each, trials),
    ),
    listed('batch/v1 Job'),
    listed('v1 Secret'),
    listed('v1 PersistentVolumeClaim'),
  ]);
  return lists
    .flat()
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .toSorted();

  async function listed(type: string, labelSelector?: string): Promise<KubeObject[]> {
    const [apiVersion = '', kind = ''] = type.split(' ');
    const { items } = await cluster.list({ apiVersion, kind, namespace: slot, ...(labelSelector && { labelSelector }) }, signal);
    return items.map((item) => ({ ...item, apiVersion, kind }));
  }
}
