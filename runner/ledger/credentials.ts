import { access, constants, readFile } from 'node:fs/promises';
import { GitFailed } from './git-failure.ts';
import type { RepositoryAddress } from './repository-address.ts';

/**
 * How git proves who we are. A `tokenFile` is read again at every call, so that a rotated token is used at once. A token goes as the password
 * of `username`, or alone as a bearer token (RFC 6750), which Bitbucket Data Center and gateways with OAuth want.
 */
export type GitCredentials =
  | { type: 'token'; auth?: 'basic' | 'bearer'; username?: string; tokenFile?: string; token?: string }
  | { type: 'ssh'; keyFile: string; knownHostsFile: string };

/** What a git process is given, by its environment alone: arguments and files can be read by others. */
export type GitAccess = {
  environment: Record<string, string>;
  config: readonly (readonly [key: string, value: string])[];
  /** Strings that must not appear in any message. */
  secrets: readonly string[];
};

/**
 * The access that one git call needs now. Without credentials git uses what the user has set up (credential helper, ssh agent), never
 * asking: prompts are off. The token goes as a header to the repository's own origin only. Throws GitFailed when a
 * file cannot be read, or when the kind of credentials does not fit the URL.
 */
export async function readAccess(credentials: GitCredentials | undefined, address: RepositoryAddress): Promise<GitAccess> {
  if (address.transport === 'file') return { environment: {}, config: [], secrets: [] };
  if (address.transport === 'ssh') return sshAccess(credentials, address.name);
  if (credentials?.type === 'ssh') {
    throw new GitFailed('authentication', `an ssh key cannot be used for ${address.name}; use an ssh URL or a token`);
  }

  const { login } = address;
  if (credentials !== undefined) {
    const token = await readToken(credentials);
    if (credentials.auth === 'bearer') return headerAccess(address.origin, `Bearer ${token}`, [token]);
    return basicAccess(address.origin, credentials.username ?? login?.username ?? DEFAULT_USERNAME, token);
  }
  if (login === undefined) return { environment: {}, config: [], secrets: [] };
  if (login.password !== '') return basicAccess(address.origin, login.username, login.password);
  return { environment: {}, config: [[`credential.${address.origin}.username`, login.username]], secrets: [login.username] };
}

/** GitHub's name for tokens; GitLab, Gitea and Azure DevOps take any. */
const DEFAULT_USERNAME = 'x-access-token';

async function readToken({ token, tokenFile }: Extract<GitCredentials, { type: 'token' }>): Promise<string> {
  const text = tokenFile === undefined ? (token ?? '') : await readTokenFile(tokenFile);
  if (text.trim() !== '') return text.trim();
  throw new GitFailed('authentication', tokenFile === undefined ? 'the git token is empty' : `the git token file ${tokenFile} is empty`);
}

async function readTokenFile(path: string): Promise<string> {
  return reading(`the git token file ${path}`, () => readFile(path, 'utf8'));
}

async function reading<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new GitFailed('authentication', `${what} cannot be read (${code})`, { cause });
  }
}

function basicAccess(origin: string, username: string, token: string): GitAccess {
  const basic = Buffer.from(`${username}:${token}`).toString('base64');
  return headerAccess(origin, `Basic ${basic}`, [token, basic]);
}

function headerAccess(origin: string, authorization: string, secrets: readonly string[]): GitAccess {
  return {
    environment: {},
    config: [
      [`http.${origin}/.extraHeader`, `Authorization: ${authorization}`],
      // An empty value forgets the helpers of the user's configuration: a refused token must not be replaced by another login.
      ['credential.helper', ''],
    ],
    secrets,
  };
}

async function sshAccess(credentials: GitCredentials | undefined, name: string): Promise<GitAccess> {
  if (credentials === undefined) return { environment: {}, config: [], secrets: [] };
  if (credentials.type === 'token') {
    throw new GitFailed('authentication', `a token cannot be used for ${name}; use its https URL or an ssh key`);
  }
  const { keyFile, knownHostsFile } = credentials;
  // ssh only warns of files that are not there, and git does not tell.
  await reading(`the ssh key file ${keyFile}`, () => access(keyFile, constants.R_OK));
  await reading(`the known_hosts file ${knownHostsFile}`, () => access(knownHostsFile, constants.R_OK));
  const command = [
    'ssh -F /dev/null',
    `-i ${shellQuoted(keyFile)}`,
    '-o IdentitiesOnly=yes',
    '-o StrictHostKeyChecking=yes',
    `-o ${shellQuoted(`UserKnownHostsFile="${knownHostsFile}"`)}`,
    '-o GlobalKnownHostsFile=/dev/null',
    '-o BatchMode=yes',
    '-o ConnectTimeout=15',
    '-o ServerAliveInterval=15',
  ].join(' ');
  return { environment: { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' }, config: [], secrets: [] };
}

/** git hands the command to a shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
