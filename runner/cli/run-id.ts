import { randomBytes } from 'node:crypto';

/** Sorts by time and is unique enough to name one life of the runner. */
export function runId(now: Date): string {
  return `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(3).toString('hex')}`;
}
