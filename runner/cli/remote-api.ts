import { systemClock } from '../clock.ts';
import { UsageError } from '../model/errors.ts';
import { openApiHttp } from '../remote/api-http.ts';
import type { ApiCredentials, Secret } from '../remote/api-tokens.ts';
import { openExperimentsApi, type ExperimentsApi } from '../remote/experiments-api.ts';
import type { CommandContext } from './command-context.ts';
import { DEFAULT_ENDPOINT } from './remote-endpoint.ts';
import { userAgent } from './version.ts';

export type RemoteFlags = {
  remoteUrl?: string;
  remoteEndpoint?: string;
  remoteTokenFile?: string;
  remoteClientId?: string;
  remoteClientSecretFile?: string;
  remoteIssuer?: string;
  remoteAudience?: string;
};

/**
 * The Experiments API that flags and environment name; undefined: the installation has none. Secrets come from files or from
 * FIELDTRIAL_REMOTE_TOKEN and FIELDTRIAL_REMOTE_CLIENT_SECRET, never from the repository. Throws UsageError.
 */
export function remoteApi(
  flags: RemoteFlags,
  { output, environment }: Pick<CommandContext, 'output' | 'environment'>,
  { version, retryFor }: { version: string; retryFor: number },
): ExperimentsApi | undefined {
  if (flags.remoteUrl === undefined) return undefined;
  const server = parseServer(flags.remoteUrl);
  const base = new URL(`${(flags.remoteEndpoint ?? DEFAULT_ENDPOINT).replace(/\/+$/, '')}/`, `${server.href.replace(/\/+$/, '')}/`);
  if (base.origin !== server.origin) throw new UsageError(`--remote-endpoint ${flags.remoteEndpoint} is not on ${server.origin}`);
  const http = openApiHttp({
    server,
    credentials: credentialsOf(flags, environment, server),
    userAgent: userAgent(version),
    clock: systemClock,
    hide: output.hide,
    retryFor,
  });
  return openExperimentsApi(base.href, http);
}

function parseServer(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError(`--remote-url "${text}" is no http or https URL`);
  if (url.username !== '' || url.password !== '')
    throw new UsageError('--remote-url has a user or a password in it; use --remote-token-file or a client id');
  return url;
}

function credentialsOf(flags: RemoteFlags, environment: CommandContext['environment'], server: URL): ApiCredentials {
  const token = secretOf(flags.remoteTokenFile, environment['FIELDTRIAL_REMOTE_TOKEN']);
  const secret = secretOf(flags.remoteClientSecretFile, environment['FIELDTRIAL_REMOTE_CLIENT_SECRET']);
  if (flags.remoteClientId === undefined) {
    if (secret !== undefined) throw new UsageError('a client secret of the remote API needs --remote-client-id');
    return token === undefined ? { type: 'none' } : { type: 'token', token };
  }
  if (token !== undefined) throw new UsageError('--remote-client-id and a token of the remote API exclude each other; give one of the two');
  if (secret === undefined)
    throw new UsageError('--remote-client-id needs --remote-client-secret-file, or FIELDTRIAL_REMOTE_CLIENT_SECRET in the environment');
  const issuer = flags.remoteIssuer ?? server.origin;
  return { type: 'client', id: flags.remoteClientId, secret, issuer, audience: flags.remoteAudience ?? server.href };
}

function secretOf(file: string | undefined, text: string | undefined): Secret | undefined {
  if (file !== undefined) return { file };
  return text === undefined || text === '' ? undefined : { text };
}
