/**
 * The text with the user info of every URL in it masked, for messages and logs: `https://x:secret@host/` becomes
 * `https://***@host/`. The login of an ssh URL (`ssh://git@host/`) is no secret and stays, unless it has a password.
 */
export function redactUrl(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)([^/\s'"]*)@/gi, (whole, scheme: string, login: string) =>
    scheme.toLowerCase() === 'ssh://' && !login.includes(':') ? whole : `${scheme}***@`,
  );
}
