import type { Emit, RunEvent } from './events.ts';
import { describeEvent } from './describe-event.ts';

/**
 * One readable line per event: UTC time, slot, trial, what happened. A trial that still waits for the same thing is not
 * repeated. `write` adds the line's end.
 */
export function plainLines(write: (line: string) => void, { now }: { now: () => Date }): Emit {
  const waitsFor = new Map<string, string>();
  return (event) => {
    if (!repeatsWait(event, waitsFor)) write(plainLine(event, now()));
  };
}

/** The line of one event, `what` happened in the words of its type unless others are given. */
export function plainLine(event: RunEvent, at: Date, what: string = describeEvent(event)): string {
  const parts = [timeOfDay(at), subject(event), what].filter((part) => part !== '');
  // Messages of servers may have several lines.
  return parts
    .join(' ')
    .trimEnd()
    .replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

function repeatsWait(event: RunEvent, waitsFor: Map<string, string>): boolean {
  if (event.type === 'waiting') {
    const repeated = waitsFor.get(event.trial) === event.message;
    waitsFor.set(event.trial, event.message);
    return repeated;
  }
  if ('trial' in event) waitsFor.delete(event.trial);
  return false;
}

/** Seconds are enough for people; the date is in the run's first line and in the log's own timestamps. */
function timeOfDay(date: Date): string {
  return date.toISOString().slice(11, 19);
}

function subject(event: RunEvent): string {
  const slot = 'slot' in event ? event.slot : undefined;
  const what = 'trial' in event ? event.trial : 'experiment' in event ? event.experiment : undefined;
  const names = [slot, what].filter((name) => name !== undefined);
  return names.length === 0 ? '' : `[${names.join(' ')}]`;
}
