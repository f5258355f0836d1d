import { decoded } from '../model/decoded.ts';

/**
 * GitLab's first tokens had 20 characters, all others have more; what is shorter is somebody's name, and would be masked wherever it stands as
 * a word.
 */
const SHORTEST_TOKEN = 16;

/**
 * What must not be printed of the logins in these URLs, as it stands there and as it is: the password, and the user name of an http URL that
 * may be a token, as in `https://TOKEN@host/` and `https://TOKEN:x-oauth-basic@host/`. What is no URL has none.
 */
export function urlSecrets(urls: readonly (string | undefined)[]): string[] {
  const parsed = urls.map((url) => URL.parse(url ?? '')).filter((url) => url !== null);
  const secrets = parsed.flatMap(({ protocol, username, password }) => {
    const isToken = /^https?:$/.test(protocol) && username.length >= SHORTEST_TOKEN;
    return [password, ...(isToken ? [username] : [])];
  });
  return [...new Set(secrets.filter((secret) => secret !== '').flatMap((secret) => [secret, decoded(secret)]))];
}
