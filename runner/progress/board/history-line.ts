import type { RunEvent } from '../events.ts';
import { formatDuration } from '../format-duration.ts';
import { formatNumber } from '../format-number.ts';
import { plainLine } from '../plain-lines.ts';
import { oneLine } from './fit-text.ts';
import type { Paint } from './paint.ts';

type Style = Parameters<Paint>[0] | undefined;

/** What stays above the board of an event, whole however long it is; undefined for those that only change the board. */
export function historyLine(event: RunEvent, at: Date, paint: Paint): string | undefined {
  const entry = entryOf(event);
  if (entry === undefined) return undefined;
  const text = oneLine(plainLine(event, at, entry.text));
  return entry.style === undefined ? text : paint(entry.style, text);
}

function entryOf(event: RunEvent): { text?: string; style?: Style } | undefined {
  switch (event.type) {
    case 'trial-finished':
      return event.phase === 'Completed' ? { text: completed(event) } : { text: failed(event), style: 'red' };
    case 'notice':
      return { style: event.level === 'warning' ? 'yellow' : undefined };
    case 'slot-skipped':
    case 'experiment-skipped':
    case 'push-retried':
      return { style: 'yellow' };
    case 'slot-quarantined':
    case 'run-failed':
      return { style: 'red' };
    case 'run-started':
    case 'namespace-created':
    case 'experiment-started':
    case 'experiment-finished':
    case 'run-finished':
      return {};
    case 'trial-started':
      return event.recovered ? {} : undefined;
    default:
      return undefined;
  }
}

type TrialFinished = Extract<RunEvent, { type: 'trial-finished' }>;

function completed({ seconds, values }: TrialFinished): string {
  const measured = Object.entries(values).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return `completed in ${formatDuration(seconds * 1000)}${measured.length === 0 ? '' : `: ${measured.join(', ')}`}`;
}

function failed({ seconds, stage, reason, message, infrastructure }: TrialFinished): string {
  const who = infrastructure === true ? ', not by its settings,' : '';
  return `failed${who} at ${stage} after ${formatDuration(seconds * 1000)}: ${reason}: ${message}`;
}
