import { resolve } from 'node:path';
import type { GitCredentials } from '../ledger/credentials.ts';
import { UsageError } from '../model/errors.ts';
import { proxyPasswords } from './proxy-passwords.ts';
import { urlSecrets } from './url-secrets.ts';

export type GitFlags = {
  branch?: string;
  gitTokenFile?: string;
  gitUsername?: string;
  gitAuth?: 'basic' | 'bearer';
  gitCaFile?: string;
  gitSshKey?: string;
  gitKnownHosts?: string;
};

/**
 * What must not be printed: the token, and passwords and tokens inside the URLs of the repository and of proxies. Tokens in files are never
 * read but by git.
 */
export function gitSecrets(repository: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  const token = environment['FIELDTRIAL_GIT_TOKEN'] ?? '';
  return [...new Set([...(token === '' ? [] : [token]), ...urlSecrets([repository]), ...proxyPasswords(environment)])];
}

/**
 * The credentials that flags and environment name; undefined: git uses what the user has set up. Paths of files are relative to `cwd`: git
 * and ssh work in folders of their own. Throws UsageError.
 */
export function gitCredentials(
  flags: GitFlags,
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): GitCredentials | undefined {
  const { gitTokenFile, gitUsername, gitAuth, gitSshKey, gitKnownHosts } = flags;
  const token = environment['FIELDTRIAL_GIT_TOKEN'];
  if (gitSshKey !== undefined) {
    if (gitKnownHosts === undefined)
      throw new UsageError('--git-ssh-key needs --git-known-hosts: a host that nobody vouches for is never trusted');
    return { type: 'ssh', keyFile: resolve(cwd, gitSshKey), knownHostsFile: resolve(cwd, gitKnownHosts) };
  }
  if (gitTokenFile === undefined && token === undefined) return undefined;
  return {
    type: 'token',
    ...(gitAuth === 'bearer' && { auth: gitAuth }),
    ...(gitUsername !== undefined && { username: gitUsername }),
    ...(gitTokenFile !== undefined ? { tokenFile: resolve(cwd, gitTokenFile) } : { token: token ?? '' }),
  };
}
