import { createHash } from 'node:crypto';

/** An image's name in full, as container runtimes report it: `busybox` is `docker.io/library/busybox:latest`. */
export function imageReference(image: string): string {
  const { repository, version } = split(image);
  return `${repository}${version}`;
}

/** A stable stand-in for the digest of an image that was never pulled. */
export function imageIdentity(image: string): string {
  const { repository, version } = split(image);
  const digest = version.startsWith('@') ? version.slice(1) : `sha256:${createHash('sha256').update(imageReference(image)).digest('hex')}`;
  return `${repository}@${digest}`;
}

function split(image: string): { repository: string; version: string } {
  const [named = '', digest] = image.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const name = hasTag ? named.slice(0, colon) : named;
  const version = digest === undefined ? (hasTag ? named.slice(colon) : ':latest') : `@${digest}`;
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  if (hasRegistry) return { repository: name, version };
  return { repository: rest.length > 0 ? `docker.io/${name}` : `docker.io/library/${name}`, version };
}
