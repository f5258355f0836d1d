import { readFile } from 'node:fs/promises';
import type { AgentOptions } from 'node:https';
import type { HostCredentials } from './metric-access.ts';

export type ReadCredentials = {
  headers: Record<string, string>;
  /** Strings that must not appear in anything that is kept or printed. */
  secrets: string[];
  /** undefined: as Node does it. */
  tls: Pick<AgentOptions, 'ca' | 'cert' | 'key'> | undefined;
};

/** A file of the installation cannot be used now; a mounted Secret may come back. The message names the file, never its content. */
export class CredentialsUnreadable extends Error {
  override readonly name = 'CredentialsUnreadable';
}

/** What a host is sent now: every file is read again, so that a rotated Secret is used at once. Throws CredentialsUnreadable. */
export async function readCredentials(credentials: HostCredentials | undefined): Promise<ReadCredentials> {
  if (credentials === undefined) return { headers: {}, secrets: [], tls: undefined };
  const { headers, headerFiles, bearerTokenFile, caFile, certificate } = credentials;
  const [fromFiles, token, basic, ca, cert, key] = await Promise.all([
    Promise.all(Object.entries(headerFiles).map(async ([name, file]) => [name, await readSecret(file)] as const)),
    bearerTokenFile === undefined ? undefined : readSecret(bearerTokenFile),
    readBasic(credentials),
    readOptional(caFile),
    readOptional(certificate?.certFile),
    readOptional(certificate?.keyFile),
  ]);
  const encoded = basic && Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
  return {
    headers: {
      ...headers,
      ...Object.fromEntries(fromFiles),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(encoded !== undefined && { Authorization: `Basic ${encoded}` }),
    },
    secrets: [...fromFiles.map(([, value]) => value), token, basic?.password, encoded].filter((each) => each !== undefined),
    tls: caFile === undefined && certificate === undefined ? undefined : { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  };
}

async function readBasic({ basic }: HostCredentials): Promise<{ username: string; password: string } | undefined> {
  if (basic === undefined) return undefined;
  const username = 'username' in basic ? basic.username : await readSecret(basic.usernameFile);
  return { username, password: await readSecret(basic.passwordFile) };
}

/** What stands in the file, without the line break that editors leave at its end. */
async function readSecret(file: string): Promise<string> {
  const value = (await readText(file)).trim();
  if (value === '') throw new CredentialsUnreadable(`${file} is empty`);
  // Node refuses such header values with an error that shows them.
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
    throw new CredentialsUnreadable(`${file} has a line break or another character that no header may have`);
  return value;
}

async function readOptional(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : readText(file);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CredentialsUnreadable(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, { cause });
  }
}
