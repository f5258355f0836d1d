import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { delimiter, join } from 'node:path';

import type { KubeConfig } from '@kubernetes/client-node';

import { PreflightFailed } from '../model/errors.ts';

export type KubeconfigOptions = {
  /** A kubeconfig file; otherwise what kubectl takes: KUBECONFIG, ~/.kube/config, then the pod's service account. */
  kubeconfig?: string;
  /** Default: the file's current context. */
  context?: string;
  /** KUBECONFIG, HOME and KUBERNETES_SERVICE_HOST and _PORT are read from it. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Where a pod's service account is mounted. */
  serviceAccount?: string;
};

/** A kubeconfig whose current context, with its cluster and user, is known to exist. */
export type LoadedKubeconfig = {
  config: KubeConfig;
  origin: string;
  context: string;
  namespace: string;
  server: string;
};

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Reads the kubeconfig and chooses the context; throws PreflightFailed, naming the file and what would be right. */
export function loadKubeconfig(KubeConfigClass: new () => KubeConfig, options: KubeconfigOptions): LoadedKubeconfig {
  const { config, origin } = read(KubeConfigClass, options);
  const context = chooseContext(config, origin, options.context);
  config.setCurrentContext(context.name);

  const cluster = config.getCluster(context.cluster);
  if (cluster === null) throw undefinedIn(origin, context.name, 'cluster', context.cluster);
  if (config.getUser(context.user) === null) throw undefinedIn(origin, context.name, 'user', context.user);
  const server = URL.parse(cluster.server);
  if (server === null || !/^https?:$/.test(server.protocol)) {
    throw new PreflightFailed(`${origin}: the server of cluster "${context.cluster}" must be a http(s) address, not "${cluster.server}"`);
  }
  // client-node wants this before it speaks HTTP at all; on the loopback there is nobody to hide from (kubectl proxy).
  if (server.protocol === 'http:' && isLoopback(server.hostname)) Object.assign(cluster, { skipTLSVerify: true });

  return {
    config,
    origin,
    context: context.name,
    namespace: context.namespace?.trim() || 'default',
    server: (server.origin + server.pathname).replace(/\/$/, ''),
  };
}

function read(KubeConfigClass: new () => KubeConfig, options: KubeconfigOptions): { config: KubeConfig; origin: string } {
  const { kubeconfig, env = {}, serviceAccount = SERVICE_ACCOUNT } = options;
  if (kubeconfig !== undefined) return readFiles(KubeConfigClass, [kubeconfig]);

  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return readFiles(KubeConfigClass, listed);

  const ofHome = env['HOME'] === undefined ? undefined : join(env['HOME'], '.kube', 'config');
  if (ofHome !== undefined && existsSync(ofHome)) return readFiles(KubeConfigClass, [ofHome]);

  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host !== undefined && port !== undefined && existsSync(join(serviceAccount, 'token'))) {
    return {
      config: inCluster(new KubeConfigClass(), host, port, serviceAccount),
      origin: "the pod's service account",
    };
  }
  throw new PreflightFailed(
    `no cluster to connect to: KUBECONFIG is not set, ${ofHome ?? '~/.kube/config'} does not exist, and this is no pod with a service account; name a file with --kubeconfig`,
  );
}

/** Several files are merged as kubectl does: the first one that defines a name, or the current context, wins. */
function readFiles(KubeConfigClass: new () => KubeConfig, files: string[]): { config: KubeConfig; origin: string } {
  const merged = new KubeConfigClass();
  for (const file of files) {
    const config = readFile(new KubeConfigClass(), file);
    merged.clusters.push(...config.clusters.filter(({ name }) => merged.getCluster(name) === null));
    merged.users.push(...config.users.filter(({ name }) => merged.getUser(name) === null));
    merged.contexts.push(...config.contexts.filter(({ name }) => merged.getContextObject(name) === null));
    merged.currentContext ||= config.currentContext;
  }
  return { config: merged, origin: `kubeconfig ${files.join(delimiter)}` };
}

function readFile(config: KubeConfig, file: string): KubeConfig {
  if (!existsSync(file)) throw new PreflightFailed(`kubeconfig ${file} does not exist`);
  try {
    config.loadFromFile(file);
    return config;
  } catch (error) {
    // A YAML error quotes the lines around it, which may be a token: its reason does not, and it is not kept as the cause.
    throw new PreflightFailed(`kubeconfig ${file} cannot be used: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'reason' in error) return String(error.reason);
  // client-node does not expect a document that is no mapping.
  return error instanceof TypeError ? 'it is not a kubeconfig' : (error as Error).message;
}

/** As client-node's loadFromCluster, with the environment as a parameter; the token file is read again every minute. */
function inCluster(config: KubeConfig, host: string, port: string, serviceAccount: string): KubeConfig {
  const namespace = join(serviceAccount, 'namespace');
  config.loadFromOptions({
    clusters: [
      {
        name: 'in-cluster',
        caFile: join(serviceAccount, 'ca.crt'),
        server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      },
    ],
    users: [
      {
        name: 'service-account',
        authProvider: { name: 'tokenFile', config: { tokenFile: join(serviceAccount, 'token') } },
      },
    ],
    contexts: [
      {
        name: 'in-cluster',
        cluster: 'in-cluster',
        user: 'service-account',
        namespace: existsSync(namespace) ? readFileSync(namespace, 'utf8') : undefined,
      },
    ],
    currentContext: 'in-cluster',
  });
  return config;
}

function chooseContext(config: KubeConfig, origin: string, wanted: string | undefined) {
  const known = config.contexts.map(({ name }) => name).join(', ') || 'none';
  const name = wanted ?? config.currentContext;
  if (!name) throw new PreflightFailed(`${origin} has no current context; choose one of its contexts with --context: ${known}`);
  const context = config.getContextObject(name);
  if (context === null) throw new PreflightFailed(`${origin} has no context "${name}"; its contexts are: ${known}`);
  return context;
}

function undefinedIn(origin: string, context: string, what: 'cluster' | 'user', name: string): PreflightFailed {
  return new PreflightFailed(`${origin}: context "${context}" names the ${what} "${name}", which it does not define`);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
