/** The decoded path, without a slash at its end, and the query. */
export type Address = { path: string; query: URLSearchParams };

/**
 * Reads the target of a request as Go does (net/url): undefined when its path has broken escapes, while parameters that have some are
 * passed over.
 */
export function parseAddress(target: string): Address | undefined {
  const [encoded = '', ...rest] = target.split('?');
  const path = decoded(encoded);
  if (path === undefined) return undefined;
  const parameters = rest.join('?').split('&');
  const query = new URLSearchParams(parameters.filter((parameter) => decoded(parameter) !== undefined).join('&'));
  return { path: path.length > 1 ? path.replace(/\/$/, '') : path, query };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
