import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { startCluster } from '../test/cluster/harness/cluster.ts';
import { openApi, type Access, type Api } from './api.ts';
import { openAuditLog, type AuditLog } from './audit.ts';
import { SETUP_ACCOUNT, appDeployment, slotNames } from './loads.ts';

/** Where the two contestants' accounts and the runner's own Leases are. */
export const HOME = 'bench';

export type Contestant = { user: string; access: Access; kubeconfig: string };

export type BenchCluster = { runner: Contestant; floor: Contestant; stop(): Promise<void> };

/**
 * A control plane with simulated nodes, a controller manager that is not throttled, and an audit log; slots with a Deployment in each;
 * an account for the runner and one for the floor, so that the log tells their requests apart. Files go to `folder`.
 */
export async function benchCluster(slots: number, folder: string): Promise<{ cluster: BenchCluster; audit: AuditLog }> {
  const auditLog = join(folder, 'audit.log');
  const cluster = await startCluster('fake-nodes', {
    fakeNodes: 4,
    apiServerFlags: [`--audit-policy-file=${new URL('audit-policy.yaml', import.meta.url).pathname}`, `--audit-log-path=${auditLog}`],
    controllerManagerFlags: ['--kube-api-qps=1000', '--kube-api-burst=2000'],
  });
  try {
    const administrator = accessOf(await readFile(cluster.kubeconfig, 'utf8'));
    const api = openApi(administrator);
    await createNamespace(HOME, api);
    const [runner, floor] = await Promise.all(['runner', 'floor'].map((name) => createContestant(name, administrator, api, folder)));
    await Promise.all(slotNames(slots).map((slot) => createSlot(slot, api)));
    await api.close();
    return { cluster: { runner: runner!, floor: floor!, stop: () => cluster.stop() }, audit: openAuditLog(auditLog) };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function accessOf(kubeconfig: string): Access {
  const { clusters, users } = load(kubeconfig) as { clusters: any[]; users: any[] };
  const decode = (base64: string) => Buffer.from(base64, 'base64').toString();
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  return { server, ca: decode(ca), cert: decode(cert), key: decode(key) };
}

export async function createNamespace(name: string, api: Api): Promise<void> {
  await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
}

async function createContestant(name: string, { server, ca }: Access, api: Api, folder: string): Promise<Contestant> {
  const accounts = `/api/v1/namespaces/${HOME}/serviceaccounts`;
  await api.call('POST', accounts, { metadata: { name } });
  await api.call('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: `bench-${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace: HOME }],
  });
  const { status } = await api.call('POST', `${accounts}/${name}/token`, { spec: {} });
  const kubeconfig = join(folder, `${name}.conf`);
  await writeFile(kubeconfig, kubeconfigFile(server, ca, status.token), { mode: 0o600 });
  return { user: `system:serviceaccount:${HOME}:${name}`, access: { server, ca, token: status.token }, kubeconfig };
}

function kubeconfigFile(server: string, ca: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'bench', user: { token } }],
  });
}

export async function createSlot(slot: string, api: Api): Promise<void> {
  await createNamespace(slot, api);
  await api.call('POST', `/api/v1/namespaces/${slot}/serviceaccounts`, { metadata: { name: SETUP_ACCOUNT } });
  await api.call('POST', `/apis/apps/v1/namespaces/${slot}/deployments`, appDeployment());
}
