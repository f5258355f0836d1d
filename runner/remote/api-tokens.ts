import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { RemoteError } from './remote-error.ts';

/** A secret as the environment gives it, or a file that holds it and is read again each time it is needed. */
export type Secret = { text: string } | { file: string };

/** What lets the runner in; it belongs to the installation, never to the repository. */
export type ApiCredentials =
  | { type: 'none' }
  | { type: 'token'; token: Secret }
  /** OAuth2 client credentials (RFC 6749, 4.4) against `<issuer>/oauth/token`, sent as form parameters (R§22.5). */
  | { type: 'client'; id: string; secret: Secret; issuer: string; audience: string };

export type ApiTokens = {
  /** The bearer token for the next request; undefined: none is needed. Throws RemoteError. */
  current(signal: AbortSignal): Promise<string | undefined>;
  /** After a 401: another one, unless somebody asked for one since `refused` was given out. */
  renew(refused: string | undefined, signal: AbortSignal): Promise<string | undefined>;
};

/** Sends a form and resolves with the JSON of the answer, within limits of its own: several may wait for one token. Throws RemoteError. */
export type PostForm = (url: string, form: Record<string, string>) => Promise<unknown>;

/** A token is not used in its last moments: the server's clock may be ahead. Milliseconds. */
const MARGIN = 30_000;

/** `hide` is told every secret before it is used, so that it is masked wherever text leaves the process. */
export function openTokens(
  credentials: ApiCredentials,
  { post, clock, hide }: { post: PostForm; clock: Clock; hide(secrets: readonly string[]): void },
): ApiTokens {
  let granted: { token: string | undefined; until: number } | undefined;
  let asking: Promise<string | undefined> | undefined;

  /** One request for a token at a time, whoever needs it. */
  function ask(signal: AbortSignal): Promise<string | undefined> {
    asking ??= grant().finally(() => {
      asking = undefined;
    });
    return unlessAborted(asking, signal);
  }

  async function grant(): Promise<string | undefined> {
    const { token, lifetime } = await obtain(credentials, post, hide);
    granted = { token, until: clock.now().getTime() + lifetime - MARGIN };
    return token;
  }

  return {
    async current(signal) {
      return granted !== undefined && clock.now().getTime() < granted.until ? granted.token : ask(signal);
    },
    async renew(refused, signal) {
      if (granted?.token === refused) granted = undefined;
      return granted?.token ?? ask(signal);
    },
  };
}

type Grant = { token: string | undefined; lifetime: number };

async function obtain(credentials: ApiCredentials, post: PostForm, hide: (secrets: string[]) => void): Promise<Grant> {
  if (credentials.type === 'none') return { token: undefined, lifetime: Infinity };
  const secret = await readSecret(credentials.type === 'token' ? credentials.token : credentials.secret);
  hide([secret]);
  // A file may be replaced at any time.
  if (credentials.type === 'token') return { token: secret, lifetime: 'file' in credentials.token ? MARGIN : Infinity };

  const { id, issuer, audience } = credentials;
  const url = `${issuer.replace(/\/+$/, '')}/oauth/token`;
  const answer = await post(url, { grant_type: 'client_credentials', client_id: id, client_secret: secret, audience });
  const { access_token: token, expires_in: seconds } = (answer ?? {}) as { access_token?: unknown; expires_in?: unknown };
  if (typeof token !== 'string' || token === '') throw new RemoteError('unauthorized', `${url} answered without an access token`);
  hide([token]);
  return { token, lifetime: typeof seconds === 'number' ? seconds * 1000 : Infinity };
}

async function readSecret(secret: Secret): Promise<string> {
  if ('text' in secret) return secret.text;
  try {
    return (await readFile(secret.file, 'utf8')).trim();
  } catch (cause) {
    const { code = 'no reason given' } = cause as NodeJS.ErrnoException;
    throw new RemoteError('unauthorized', `the file ${secret.file} of the remote API's credentials cannot be read: ${code}`, { cause });
  }
}
