import type { TrialRecord } from '../model/record.ts';
import { formatDuration } from '../progress/format-duration.ts';
import { formatNumber } from '../progress/format-number.ts';
import { percentChange } from '../progress/percent.ts';

export type CommitContext = {
  /** The completed baseline of the same generation; its values are what ours are compared with. */
  baseline?: TrialRecord;
  /** The record as it is on the branch already: this commit adds how the teardown ended. */
  previous?: TrialRecord;
};

/** Longer subjects are cut off by the tools that show them. */
const MAX_SUBJECT = 100;

/**
 * The message of a record's commit: a subject for `git log --oneline`, a body for people, trailers for machines
 * (git-interpret-trailers(1)). Values stand in the record's order, which is that of the experiment's metrics.
 */
export function commitMessage(record: TrialRecord, { baseline, previous }: CommitContext = {}): string {
  const { spec, metadata } = record;
  const news = previous === undefined ? resultOf(record, baseline) : additionOf(record);
  const body = previous === undefined ? bodyOf(record) : (deletionMessage(record) ?? '');
  const trailers = [
    `Fieldtrial-Experiment: ${spec.experiment}`,
    `Fieldtrial-Trial: ${metadata.name}`,
    `Fieldtrial-Run: ${spec.runner.run}`,
    `Fieldtrial-Definition: ${spec.definition.commit}`,
  ].join('\n');
  return `${[subjectLine(`${metadata.name}: ${news}`), printable(body).trimEnd(), trailers].filter((part) => part !== '').join('\n\n')}\n`;
}

function resultOf({ spec, status }: TrialRecord, baseline: TrialRecord | undefined): string {
  if (status.failure !== undefined) {
    const { stage, reason, message } = status.failure;
    return `failed at ${stage}: ${reason}${message === '' ? '' : `, ${message}`}`;
  }
  const changes = status.values.map(({ name, value }) => {
    const from = baseline?.status.values.find((candidate) => candidate.name === name)?.value;
    return spec.baseline || from === undefined ? 0 : shownChange(value, from);
  });
  const first = changes.findIndex((change) => change !== 0);
  const values = status.values.map(({ name, value }, index) => {
    const change = changes[index]!;
    // To say once what they are compared with leaves room for more values.
    const comparison = change === 0 ? '' : ` (${change > 0 ? '+' : ''}${change}%${index === first ? ' vs baseline' : ''})`;
    return `${name} ${formatNumber(value)}${comparison}`;
  });
  return [...(spec.baseline ? ['baseline'] : []), ...values].join(', ') || 'completed without metrics';
}

/** Whole percents, tenths below one; 0 also where there is no percentage, for a value that did not change needs no words. */
function shownChange(value: number, from: number): number {
  const percent = percentChange(value, from) ?? 0;
  return Math.abs(percent) < 1 ? percent : Math.round(percent);
}

function additionOf({ status: { setupDeletion } }: TrialRecord): string {
  if (setupDeletion?.status === 'Failed') return `setup deletion failed: ${setupDeletion.reason}, ${setupDeletion.message}`;
  return setupDeletion?.status === 'Deleted' ? 'setup deleted' : 'record completed';
}

function deletionMessage({ status: { setupDeletion } }: TrialRecord): string | undefined {
  return setupDeletion?.status === 'Failed' ? setupDeletion.message : undefined;
}

function bodyOf({ spec, status }: TrialRecord): string {
  const assignments = spec.assignments.map(({ name, value }) => `  ${name} = ${value}`);
  const duration = durationOf(status.startTime, status.completionTime);
  return [
    ...(status.failure === undefined ? [] : [status.failure.message, '']),
    ...assignments,
    ...(assignments.length === 0 ? [] : ['']),
    `Ran in slot ${spec.slot}${duration === undefined ? '' : ` for ${duration}`}.`,
  ].join('\n');
}

function durationOf(start: string | undefined, completion: string | undefined): string | undefined {
  if (start === undefined || completion === undefined) return undefined;
  return formatDuration(Date.parse(completion) - Date.parse(start));
}

function subjectLine(text: string): string {
  const line = printable(text).replaceAll(/\s+/g, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= MAX_SUBJECT
    ? line
    : `${characters
        .slice(0, MAX_SUBJECT - 1)
        .join('')
        .trimEnd()}…`;
}

/** git refuses NUL, and terminals obey the other control characters. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ');
}
