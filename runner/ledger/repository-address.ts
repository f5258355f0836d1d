import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decoded } from '../model/decoded.ts';
import { PreflightFailed } from '../model/errors.ts';
import { redactUrl } from './redact-url.ts';

/** Where a repository is: `url` is what git is given, `name` what people read; neither holds a password. */
export type RepositoryAddress =
  | { transport: 'http'; url: string; name: string; origin: string; login?: { username: string; password: string } }
  | { transport: 'ssh'; url: string; name: string }
  | { transport: 'file'; url: string; name: string; path: string };

/**
 * Reads a repository as people write it: an http(s) or ssh URL, `git@host:path`, a file URL or a path.
 * A path becomes a file URL, because git makes no shallow clone of a path. The user info of an http URL is taken out of it, since arguments
 * are visible to the whole machine. Throws PreflightFailed for another scheme.
 */
export function parseRepository(repository: string): RepositoryAddress {
  if (/^https?:\/\//i.test(repository)) return httpAddress(repository);
  if (/^ssh:\/\//i.test(repository) || /^[\w.-]+@[\w.-]+:/.test(repository)) {
    return { transport: 'ssh', url: repository, name: redactUrl(repository) };
  }
  if (/^file:\/\//i.test(repository)) return fileAddress(fileURLToPath(repository));
  if (/^[a-z][a-z0-9+.-]*:/i.test(repository)) {
    throw new PreflightFailed(
      `repository ${redactUrl(repository)} has a scheme that is not supported; use https://, ssh://, git@host:path, file:// or a path`,
    );
  }
  return fileAddress(resolve(repository));
}

function httpAddress(repository: string): RepositoryAddress {
  if (!URL.canParse(repository)) throw new PreflightFailed(`repository ${redactUrl(repository)} is not a URL`);

  const url = new URL(repository);
  const login = { username: decoded(url.username), password: decoded(url.password) };
  url.username = '';
  url.password = '';
  return {
    transport: 'http',
    url: url.href,
    name: url.href,
    origin: url.origin,
    ...(login.username === '' && login.password === '' ? {} : { login }),
  };
}

function fileAddress(path: string): RepositoryAddress {
  return { transport: 'file', url: pathToFileURL(path).href, name: path, path };
}
