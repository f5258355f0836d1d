import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createStore, type SandboxStore, type StoreOptions } from './create-store.ts';
import { createFaults, type Faults } from './faults.ts';
import { handle } from './http/handle.ts';
import { observeRequest, type ObservedRequest } from './http/observe-request.ts';
import { sendError } from './http/send.ts';
import type { PodLogs } from './pod-logs.ts';
import { FULL_ACCESS, type AccessRule } from './reviews.ts';

export type SandboxOptions = StoreOptions & {
  /** Serves this store [a new one]. */
  store?: SandboxStore;
  /** What containers wrote [nothing: no container has started]. */
  logs?: PodLogs;
  /** What clients may do; what no rule grants is answered with 403 [everything]. */
  access?: readonly AccessRule[];
  /** Told of each request once it is answered [nobody]. */
  observe?: (request: ObservedRequest) => void;
};

export type Sandbox = {
  /** Of the API server; there is no TLS and nobody is asked who they are. */
  url: string;
  store: SandboxStore;
  faults: Faults;
  /** Writes a kubeconfig for the server. */
  kubeconfig(path: string): Promise<void>;
  /** Cuts all connections and waits until the port is free. The store stays as it is. */
  close(): Promise<void>;
};

/** Serves a store as the Kubernetes API, on a free port of 127.0.0.1. Runs nothing: controllers and kubelet work on the store. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { store = createStore(options), logs = NO_LOGS, access = FULL_ACCESS, observe } = options;
  const faults = createFaults();
  const server = createServer((request, response) => {
    if (observe !== undefined) observeRequest(request, response, observe);
    handle({ store, logs, faults, access }, request, response).catch((error: unknown) => sendError(response, error));
  });
  // Clients of the sandbox keep connections for longer than Node's default of 5 s, and would meet their end with a request.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    store,
    faults,
    kubeconfig: (path) => writeFile(path, kubeconfigFor(url)),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const NO_LOGS: PodLogs = { read: () => undefined };

function kubeconfigFor(server: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{ name: sandbox, cluster: { server: ${JSON.stringify(server)} } }]
users: [{ name: sandbox, user: {} }]
contexts: [{ name: sandbox, context: { cluster: sandbox, user: sandbox, namespace: default } }]
current-context: sandbox
`;
}
