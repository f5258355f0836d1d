import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An API server that allows everything and holds nothing but a few namespaces: as far as a preflight needs one. */
export type PermissiveApiServer = {
  /** `GET /version` and so on, in order; dry runs end with `?dryRun=All`. */
  requests: string[];
  /** Writes a kubeconfig that leads here, with the context `test`. */
  writeKubeconfig(file: string): Promise<void>;
  close(): Promise<void>;
};

export async function startPermissiveApiServer(namespaces: readonly string[] = []): Promise<PermissiveApiServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*/, '') ?? '/';
    const isDryRun = URL.parse(request.url ?? '', 'http://localhost')?.searchParams.get('dryRun') === 'All';
    requests.push(`${request.method} ${path}${isDryRun ? '?dryRun=All' : ''}`);
    const body = isDryRun ? {} : answer(path, namespaces);
    request.resume();
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', message: `${path} not found`, code: 404 },
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    writeKubeconfig: (file) => writeFile(file, kubeconfigOf(`http://127.0.0.1:${port}`)),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A kubeconfig whose one context, `test`, leads to this server. */
export function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}

function answer(path: string, namespaces: readonly string[]): object | undefined {
  if (path === '/version') return { major: '1', minor: '36', gitVersion: 'v1.36.3' };
  if (path.endsWith('/selfsubjectrulesreviews'))
    return { status: { resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] } };
  const name = /^\/api\/v1\/namespaces\/([^/?]+)$/.exec(path)?.[1];
  if (name !== undefined && namespaces.includes(name))
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } };
  return undefined;
}
