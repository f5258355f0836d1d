import type { RunEvent } from './events.ts';

/** The event with every text in it masked: for whoever cuts texts, since half a secret would not be found where it is written. */
export function redactEvent({ type, ...fields }: RunEvent, redact: (text: string) => string): RunEvent {
  return { type, ...(redactAll(fields, redact) as object) } as RunEvent;
}

function redactAll(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((each) => redactAll(each, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redactAll(each, redact)]));
}
