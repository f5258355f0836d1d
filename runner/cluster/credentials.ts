import type { AgentOptions, RequestOptions } from 'node:https';
import { isDeepStrictEqual } from 'node:util';

import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';

import type { Clock } from '../clock.ts';
import { ClusterError } from './errors.ts';

/**
 * What one request needs to reach the server and to be let in. Watches have connections of their own: ending one breaks its connection,
 * and the next request would wait for a new one.
 */
export type Access = { headers: Record<string, string>; dispatcher: Dispatcher; watches: Dispatcher };

export type Credentials = {
  /** Throws ClusterError `CredentialsUnavailable` when the program or file that holds them fails. */
  current(): Promise<Access>;
  /** After a 401: reads everything again, unless somebody did since `refused` was given out. */
  renew(refused: Access): Promise<Access>;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
};

/** Tokens in files and from programs expire on their own clock; asking again this often costs nothing when they did not. */
const MAX_AGE = 30_000;

/** A pooled connection must be gone before a load balancer drops it silently; 60 s is the shortest usual limit. */
const POOL = { allowH2: false, keepAliveTimeout: 30_000 };

/**
 * Credentials of a kubeconfig's current context, asked for again every 30 s. Requests go over HTTP/1.1 with keep-alive: undici's
 * HTTP/2 hangs after a GOAWAY while a watch is open. `load` reads the kubeconfig (again).
 */
export function createCredentials(load: () => KubeConfig, clock: Clock): Credentials {
  let config = load();
  let asked: { at: number; access: Promise<Access> } | undefined;
  let granted: Access | undefined;
  let pool: ({ options: PoolOptions } & Pools) | undefined;

  function ask(): Promise<Access> {
    const asking = { at: clock.now().getTime(), access: authorize() };
    // A failure is told to those who wait for it and not kept for later callers.
    asking.access.catch(() => {
      if (asked === asking) asked = undefined;
    });
    asked = asking;
    return asking.access;
  }

  async function authorize(): Promise<Access> {
    const { headers, options } = await readAccess(config);
    if (pool === undefined || !isDeepStrictEqual(pool.options, options)) {
      // Rotated client certificates need new connections; requests under way finish on the old ones.
      void pool?.dispatcher.close();
      void pool?.watches.close();
      pool = { options, dispatcher: createDispatcher(options), watches: createDispatcher(options) };
    }
    const { dispatcher, watches } = pool;
    // The same credentials stay the same object, so that renew() knows those that were refused.
    const isSame = granted?.dispatcher === dispatcher && isDeepStrictEqual(granted.headers, headers);
    granted = granted !== undefined && isSame ? granted : { headers, dispatcher, watches };
    return granted;
  }

  return {
    current: () => (asked === undefined || clock.now().getTime() - asked.at >= MAX_AGE ? ask() : asked.access),
    async renew(refused) {
      if (granted !== refused && asked !== undefined) return asked.access;
      granted = undefined;
      // A new configuration has none of the tokens that the old one's authenticators cached.
      config = reload(load);
      return ask();
    },
    close: async () => pool && destroy(pool),
  };
}

/** For a server that asks for no credentials. */
export function noCredentials(): Credentials {
  const access: Access = { headers: {}, dispatcher: new Agent(POOL), watches: new Agent(POOL) };
  return { current: async () => access, renew: async () => access, close: () => destroy(access) };
}

type Pools = Pick<Access, 'dispatcher' | 'watches'>;

async function destroy({ dispatcher, watches }: Pools): Promise<void> {
  await Promise.all([dispatcher.destroy(), watches.destroy()]);
}

/** What the kubeconfig lost since the start is no longer a matter of preflight. */
function reload(load: () => KubeConfig): KubeConfig {
  try {
    return load();
  } catch (error) {
    throw new ClusterError(0, 'CredentialsUnavailable', (error as Error).message, { cause: error });
  }
}

type PoolOptions = ReturnType<KubeConfig['createDispatcherOptions']>;

async function readAccess(config: KubeConfig): Promise<{ headers: Record<string, string>; options: PoolOptions }> {
  const request: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(request);
  } catch (error) {
    const message = `the credentials of the user "${config.getCurrentUser()?.name}" cannot be had: ${(error as Error).message.trim()}`;
    throw new ClusterError(0, 'CredentialsUnavailable', message, { cause: error });
  }

  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = String(value).trim();
  if (typeof request.auth === 'string') headers['authorization'] = basic(request.auth);
  return { headers, options: config.createDispatcherOptions(config.getCurrentCluster(), request as AgentOptions) };
}

function basic(userAndPassword: string): string {
  return `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
}

function createDispatcher(options: PoolOptions): Dispatcher {
  switch (options.type) {
    case 'agent':
      return new Agent({ ...POOL, connect: options.connect });
    case 'none':
      return new Agent(POOL);
    case 'proxy':
      return new ProxyAgent({ ...POOL, uri: options.uri, requestTls: options.requestTls });
    case 'socks':
      throw new ClusterError(0, 'CredentialsUnavailable', 'a SOCKS proxy is not supported; an HTTP proxy is');
  }
}
