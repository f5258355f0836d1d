import { createTwoFilesPatch } from 'diff';
import { SETTINGS_FILE } from '../definition/load-settings.ts';
import type { Touches } from '../lifecycle/describe-touches.ts';
import { formatDuration } from '../progress/format-duration.ts';
import type { Review, ReviewedExperiment } from './review-change.ts';

/** Lines of one rendered text; a comment of a pull request may have 65,536 characters on GitHub. */
const MOST_LINES = 250;

/** A review as Markdown for a pull request: a table of all experiments, then a section for each that changes. The same review, the same bytes. */
export function formatReview({ experiments, invalid, removed, settings, problems }: Review): string {
  const rows = [
    ...experiments.map((each) => [code(each.experiment), definition(each), trials(each), time(each)]),
    ...invalid.map(({ experiment }) => [code(experiment), '**invalid**: it does not run', '', '']),
    ...removed.map((name) => [code(name), 'removed: it begins nothing more', '', '']),
  ];
  const table = [['Experiment', 'Definition', 'Trials to run', 'Time'], ['---', '---', '---', '---'], ...rows].map(row);
  const sections = [
    ['## What this change would run', '', ...(rows.length === 0 ? ['There are no experiments.'] : table)],
    ...invalid.map(({ experiment, problems: own }) => [`### ${code(experiment)} is invalid`, '', ...own.map((line) => `- ${code(line)}`)]),
    ...(problems.length === 0 ? [] : [['### Other problems', '', ...problems.map((line) => `- ${code(line)}`)]]),
    ...(settings.length === 0 ? [] : [settingsTable(settings)]),
    ...experiments.filter(isWorthASection).map(section),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function isWorthASection({ change, suggestions, newSlots }: ReviewedExperiment): boolean {
  return change !== 'Unchanged' || suggestions.length > 0 || newSlots.length > 0;
}

function settingsTable(settings: Review['settings']): string[] {
  const shown = (text: string) => (text === '' ? 'none' : code(text));
  const branch = settings.find(({ setting }) => setting === 'resultsBranch');
  return [
    `### ${code(SETTINGS_FILE)} changes`,
    '',
    row(['Setting', 'Before', 'After']),
    row(['---', '---', '---']),
    ...settings.map(({ setting, before, after }) => row([code(setting), shown(before), shown(after)])),
    ...(branch === undefined
      ? []
      : ['', `Only records on ${code(branch.after)} count from now on: every budget begins again with what is there.`]),
  ];
}

function definition({ change }: ReviewedExperiment): string {
  switch (change) {
    case 'New':
      return '**new**';
    case 'NewGeneration':
      return '**changed**: a new generation';
    case 'Edited':
      return 'changed: its records go on counting';
    case 'Unchanged':
      return 'unchanged';
  }
}

function trials({ trials: left, nothing }: ReviewedExperiment): string {
  if (nothing !== undefined) return `none: ${nothing.reason}`;
  return left === undefined ? 'as many as its source suggests' : `${left}`;
}

/** Parallel trials as if there were a slot for each. */
function time({ trials: left, nothing, seconds: { each, from }, parallel }: ReviewedExperiment): string {
  const one = `${formatDuration(each * 1000)} a trial`;
  if (nothing !== undefined) return '';
  if (left === undefined) return from === 'records' ? `about ${one}` : `at most ${one}`;
  const hours = (each * Math.ceil(left / parallel)) / 3600;
  const spelled = `${hours < 10 ? Math.ceil(hours * 10) / 10 : Math.ceil(hours)} h`;
  const slots = parallel === 1 ? '' : ` with ${parallel} slots`;
  return from === 'records' ? `about ${spelled}${slots} (${one})` : `at most ${spelled}${slots} (its timeouts: ${one})`;
}

function section(review: ReviewedExperiment): string[] {
  const { experiment, file, first, files, suggestions, nothing } = review;
  const assignments = first.assignments.map(({ name, value }) => `${name}=${value}`).join(' ');
  return [
    `### ${code(experiment)}`,
    '',
    `${code(file)}; its first trial is ${code(first.trial)} (${first.source})${assignments === '' ? '' : ` with ${code(assignments)}`}.`,
    ...(nothing === undefined ? [] : [`Nothing runs now: ${nothing.reason}, ${prose(nothing.message)}.`]),
    ...(files.length === 0 ? [] : ['', `Files it uses that changed: ${files.map(code).join(', ')}.`]),
    ...(suggestions.length === 0 ? [] : ['', `Suggested by hand: ${suggestions.map(code).join(', ')}.`]),
    '',
    ...touchTable(review),
    '',
    ...rendered(first),
  ];
}

const TOUCHED: readonly [keyof Touches, string][] = [
  ['patchTargets', 'Patch targets'],
  ['setupObjects', 'Setup makes'],
  ['serviceAccounts', 'Service accounts'],
  ['secrets', 'Secrets'],
  ['images', 'Images'],
  ['hostPaths', 'Paths of the node'],
  ['hosts', 'Hosts'],
  ['namespaces', 'Namespaces it makes if they are missing'],
];

/** Few experiments have any of these. */
const SELDOM: readonly (keyof Touches)[] = ['setupObjects', 'hostPaths', 'namespaces'];

function touchTable({ slots, newSlots, touches, newTouches, change, unseen }: ReviewedExperiment): string[] {
  const marked = (names: readonly string[], added: readonly string[]) =>
    names.map((name) => (change !== 'New' && added.includes(name) ? `**new** ${code(name)}` : code(name))).join(', ') || 'none';
  return [
    '| It may touch | |',
    '| --- | --- |',
    row(['Namespaces it runs in', marked(slots, newSlots)]),
    ...TOUCHED.filter(([kind]) => !SELDOM.includes(kind) || touches[kind].length > 0).map(([kind, title]) =>
      row([title, marked(touches[kind], newTouches[kind])]),
    ),
    ...(unseen.length === 0 ? [] : ['', `Not looked at for this table: ${unseen.map(code).join(', ')}.`]),
  ];
}

function rendered({ before, after }: ReviewedExperiment['first']): string[] {
  if (before === after) return ['The rendered first trial is the same as before.'];
  const [summary, language, text] =
    before === undefined
      ? ['The first trial, rendered', 'yaml', after.trimEnd()]
      : ['What changes in the rendered first trial', 'diff', unified(before, after)];
  const lines = text.split('\n');
  const cut = lines.length - MOST_LINES;
  const shown = cut > 0 ? lines.slice(0, MOST_LINES) : lines;
  const fence = '`'.repeat(Math.max(3, longestRun(shown.join('\n')) + 1));
  return [
    `<details><summary>${summary}</summary>`,
    '',
    fence + language,
    ...shown,
    fence,
    ...(cut > 0 ? ['', `${cut} lines more; \`fieldtrial plan\` shows everything.`] : []),
    '',
    '</details>',
  ];
}

function unified(before: string, after: string): string {
  const [, , , ...lines] = createTwoFilesPatch('before', 'after', before, after, undefined, undefined, { context: 3 })
    .trimEnd()
    .split('\n');
  return lines.join('\n');
}

/** Bars inside cells end them, also in code (GitHub Flavored Markdown, 4.10). */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

/** Nothing in it is markup, and it stays on one line (GitHub Flavored Markdown, 6.1). */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  const run = longestRun(line);
  if (run === 0) return `\`${line}\``;
  const fence = '`'.repeat(run + 1);
  return `${fence} ${line} ${fence}`;
}

function longestRun(text: string): number {
  return [...text.matchAll(/`+/g)].reduce((longest, [run]) => Math.max(longest, run.length), 0);
}

/** Words of ours that may quote a person's: markup in them is shown as it is. */
function prose(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_<>[\]|]/g, String.raw`\$&`);
}
