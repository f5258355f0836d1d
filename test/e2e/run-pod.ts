import type { Cluster, KubeObject } from '../../runner/cluster/port.ts';

export type PodEnd = { exitCode: number; log: string };

type Container = { command?: string[]; args?: string[]; env?: { name: string; value: string }[] };

/** Creates a pod of one container that complies with `restricted` and can write only to /tmp; `name` is of both. */
export function startPod(
  cluster: Pick<Cluster, 'create'>,
  { namespace, name, image }: { namespace: string; name: string; image: string },
  container: Container = {},
): Promise<KubeObject> {
  return cluster.create(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 100,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name,
            image,
            imagePullPolicy: 'Never',
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'scratch', mountPath: '/tmp' }],
            ...container,
          },
        ],
        volumes: [{ name: 'scratch', emptyDir: {} }],
      },
    },
    limit(),
  );
}

/** Follows a pod until its container has ended, also when it is being deleted. */
export async function endOf(cluster: Pick<Cluster, 'watch'>, { metadata: { namespace, name } }: KubeObject): Promise<number> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: namespace!, fieldSelector: `metadata.name=${name}` };
  for await (const event of cluster.watch(query, AbortSignal.timeout(120_000))) {
    if (event.type === 'BOOKMARK') continue;
    const [container] = event.object.status?.containerStatuses ?? [];
    if (container?.state.terminated) return container.state.terminated.exitCode;
    if (event.type === 'DELETED') throw new Error(`pod ${name} is gone, and nobody knows how it ended`);
  }
  throw new Error(`the watch of pod ${name} ended before the pod did`);
}

/** The same for a pod that ends by itself, with what it said. */
export async function runPod(
  cluster: Pick<Cluster, 'create' | 'watch' | 'log'>,
  pod: Parameters<typeof startPod>[1],
  container?: Container,
): Promise<PodEnd> {
  const exitCode = await endOf(cluster, await startPod(cluster, pod, container));
  return { exitCode, log: await cluster.log(pod, {}, limit()) };
}

function limit(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
