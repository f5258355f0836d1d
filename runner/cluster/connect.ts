import { systemClock, type Clock } from '../clock.ts';
import { PreflightFailed } from '../model/errors.ts';
import { createCredentials, noCredentials, type Credentials } from './credentials.ts';
import { ClusterError } from './errors.ts';
import { createHttp, type HttpOptions } from './http.ts';
import type { FindResource } from './kinds.ts';
import { loadKubeconfig, type KubeconfigOptions, type LoadedKubeconfig } from './kubeconfig.ts';
import type { Cluster } from './port.ts';
import { createRestCluster } from './rest.ts';

export type Connection = {
  cluster: Cluster;
  server: string;
  context: string;
  /** Of the context or of the pod's service account. */
  namespace: string;
  /** Group, plural and scope of a kind, for access rules; asks the cluster about kinds that it does not know. */
  findResource: FindResource;
  /** The cluster's own time, when it is not that of the wall clock (an embedded cluster). */
  clock?: Clock;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
};

type ClientOptions = Pick<HttpOptions, 'retryBudget' | 'timeout' | 'clock' | 'onRequest' | 'userAgent'>;

export type ConnectOptions = KubeconfigOptions & ClientOptions & { signal?: AbortSignal };

/** How long a server may be away before a connection is given up: a control plane that restarts, not one that is misspelled. */
const FIRST_CONTACT = 10_000;

/**
 * Connects to the kubeconfig's cluster and makes sure that it answers. Throws PreflightFailed, in one sentence that names the file,
 * the context and the server.
 */
export async function connectCluster({ signal = new AbortController().signal, ...options }: ConnectOptions): Promise<Connection> {
  // Costs more to import than most commands take.
  const { KubeConfig } = await import('./kube-config.ts');
  const loaded = loadKubeconfig(KubeConfig, options);
  const credentials = createCredentials(() => loadKubeconfig(KubeConfig, options).config, options.clock ?? systemClock);
  try {
    await greet(loaded, credentials, options, signal);
  } catch (error) {
    await credentials.close();
    throw error;
  }
  return connection(loaded, credentials, options);
}

/** A connection to a server that asks for no credentials, such as an embedded cluster on the loopback; nothing is sent yet. */
export function connectServer(server: string, options: ClientOptions & { namespace?: string } = {}): Connection {
  return connection({ server, context: server, namespace: options.namespace ?? 'default' }, noCredentials(), options);
}

function connection(
  { server, context, namespace }: Pick<LoadedKubeconfig, 'server' | 'context' | 'namespace'>,
  credentials: Credentials,
  options: ClientOptions,
): Connection {
  const http = createHttp({ ...options, server, credentials });
  return { ...createRestCluster(http), server, context, namespace, close: () => credentials.close() };
}

async function greet({ origin, context, server }: LoadedKubeconfig, credentials: Credentials, options: ClientOptions, signal: AbortSignal) {
  const http = createHttp({ retryBudget: FIRST_CONTACT, ...options, server, credentials });
  try {
    await createRestCluster(http).cluster.version(signal);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    throw new PreflightFailed(`${origin}, context "${context}": the cluster at ${server} cannot be used: ${error.message}`, {
      cause: error,
    });
  }
}
