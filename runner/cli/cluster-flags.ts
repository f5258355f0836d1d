import type { Connection } from '../cluster/connect.ts';
import type { CommandContext } from './command-context.ts';
import { readVersion, userAgent } from './version.ts';

export type ClusterFlags = { kubeconfig?: string; context?: string };

/** Connects to the cluster that flags and environment name. Throws PreflightFailed. */
export async function connectTo(
  { kubeconfig, context }: ClusterFlags,
  { environment, signal }: Pick<CommandContext, 'environment' | 'signal'>,
): Promise<Connection> {
  const { connectCluster } = await import('../cluster/connect.ts');
  return connectCluster({
    env: environment,
    signal,
    userAgent: userAgent(await readVersion()),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
}
