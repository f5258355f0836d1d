import type { Emit } from './events.ts';

/**
 * One JSON object per event and line: `timestamp` (RFC 3339 UTC), `type`, then the event's own fields. `write` adds the
 * line's end.
 */
export function jsonLines(write: (line: string) => void, { now }: { now: () => Date }): Emit {
  return ({ type, ...fields }) => write(JSON.stringify({ timestamp: now().toISOString(), type, ...fields }));
}
