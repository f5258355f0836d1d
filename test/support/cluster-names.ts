import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Cluster } from '../../runner/cluster/port.ts';

/**
 * Environment for a program on this machine that asks Services by their names, as programs in pods do (cluster-dns.ts). Services must
 * be reachable from here, as those of a cluster of test/cluster/harness are.
 */
export async function clusterNames(cluster: Pick<Cluster, 'read'>): Promise<{ CLUSTER_DNS: string; NODE_OPTIONS: string }> {
  const service = { apiVersion: 'v1', kind: 'Service', name: 'kube-dns', namespace: 'kube-system' };
  const dns = await cluster.read(service, AbortSignal.timeout(30_000));
  if (dns === undefined) throw new Error('the cluster has no Service kube-system/kube-dns, so its names cannot be looked up');
  const preload = pathToFileURL(join(import.meta.dirname, 'cluster-dns.ts')).href;
  return { CLUSTER_DNS: String(dns.spec.clusterIP), NODE_OPTIONS: `--import=${preload}` };
}
