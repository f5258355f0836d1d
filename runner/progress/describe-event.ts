import type { RunEvent } from './events.ts';
import { formatDuration } from './format-duration.ts';
import { preflightLine } from './preflight-table.ts';

/** What happened, as one clause; the slot, trial and experiment it happened to are left to the caller. */
export function describeEvent(event: RunEvent): string {
  switch (event.type) {
    case 'run-started':
      return (
        `run ${event.run} begins (fieldtrial ${event.version}): ${event.repository} at ${event.commit.slice(0, 12)}, ` +
        `experiments ${list(event.experiments)}, slots ${list(event.slots)}`
      );
    case 'notice':
      return event.level === 'warning' ? `warning: ${event.message}` : event.message;
    case 'slot-skipped':
      return `slot is left out: ${event.reason}: ${event.message}`;
    case 'experiment-skipped':
      return `experiment is skipped: ${event.reason}: ${event.message}`;
    case 'preflight-finished':
      return preflightLine(event);
    case 'namespace-created':
      return `namespace is created from the namespaceTemplate of ${event.experiment}; nothing deletes it`;
    case 'slots-taken':
      return `slots are taken: ${list(event.slots)}`;
    case 'experiment-started':
      return `experiment begins: ${event.trials} trials so far, ${event.failed} failed, at most ${event.left} left`;
    case 'slot-waiting':
      return `slot waits: ${event.message}`;
    case 'trial-started':
      return `trial ${event.recovered ? 'is taken up again' : 'begins'} (${event.source}): ${pairs(event.assignments)}`;
    case 'stage-started':
      return `${event.stage} begins`;
    case 'waiting':
      return `${event.stage} waits: ${event.message}`;
    case 'stage-finished':
      return `${event.stage} done in ${duration(event.seconds)}`;
    case 'stage-failed':
      return `${event.stage} failed after ${duration(event.seconds)}: ${event.reason}: ${event.message}`;
    case 'trial-finished':
      return `trial ${event.phase}${event.reason === undefined ? '' : ` (${event.reason})`} in ${duration(event.seconds)}${measured(event.values)}`;
    case 'records-pushed':
      return `${list(event.trials)} pushed to ${event.branch} in ${event.commit.slice(0, 12)}`;
    case 'push-retried':
      return `push is tried again: ${event.reason}: ${event.message}`;
    case 'slot-quarantined':
      return `slot is quarantined: ${event.reason}: ${event.message}`;
    case 'slot-finished':
      return 'slot does nothing more in this run';
    case 'experiment-finished':
      return `experiment ends its part of this run: ${event.reason}: ${event.message}`;
    case 'run-failed':
      return `run ${event.run} failed: ${event.reason}: ${event.message}, exit code ${event.exitCode}`;
    case 'run-finished':
      return `run ${event.run} ends after ${duration(event.seconds)}: ${event.trials} trials, ${event.failed} failed, exit code ${event.exitCode}`;
  }
}

function measured(values: Record<string, number>): string {
  return Object.keys(values).length === 0 ? '' : `: ${pairs(values)}`;
}

function pairs(values: Record<string, number | string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

function duration(seconds: number): string {
  return formatDuration(seconds * 1000);
}
