import { createHash } from 'node:crypto';

/** The name that git gives a file's content (`git hash-object`), in a repository that uses SHA-1. */
export function gitBlob(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}
