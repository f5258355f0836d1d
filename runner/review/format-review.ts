import { createTwoFilesPatch } from 'diff';
import { SETTINGS_FILE } from '../definition/load-settings.ts';
import type { Touches } from '../lifecycle/describe-touches.ts';
import { formatDuration } from '../progress/format-duration.ts';
import { fitComment, type Block } from './fit-comment.ts';
import type { Review, ReviewedExperiment } from './review-change.ts';

/** Of the whole text, in bytes: a comment of a pull request may have 65,536 characters on GitHub, and somebody may put words around this one. */
export const MOST_BYTES = 64_000;

/** Lines of one rendered text. */
const MOST_LINES = 250;
/** Of the table of experiments. */
const MOST_ROWS = 150;
/** In one cell or sentence. */
const MOST_NAMES = 50;
/** Of one name or message. */
const MOST_CHARACTERS = 500;
/** In the table of experiments; what is valid has fewer. */
const MOST_OF_A_NAME = 63;

const EVERYTHING = '`fieldtrial plan --base … -o json` has everything';

/**
 * A review as Markdown for a pull request: a table of all experiments, then a section for each that changes. It fits into a comment: rendered
 * texts are left out first, then sections, and what is left out is named. The same review, the same bytes.
 */
export function formatReview({ experiments, invalid, removed, settings, problems }: Review): string {
  const isQuiet = ({ change }: ReviewedExperiment) => change === 'Unchanged';
  const named = (each: ReviewedExperiment) => [code(each.experiment, MOST_OF_A_NAME), definition(each), trials(each), time(each)];
  const others = [
    ...invalid.map(({ experiment }) => [code(experiment, MOST_OF_A_NAME), '**invalid**: it does not run', '', '']),
    ...removed.map((name) => [code(name, MOST_OF_A_NAME), 'removed: it begins nothing more', '', '']),
  ];
  const all = [...experiments.map(named), ...others];
  // What changes nothing is the first that nobody misses.
  const rows =
    all.length <= MOST_ROWS
      ? all
      : [...experiments.filter((each) => !isQuiet(each)).map(named), ...others, ...experiments.filter(isQuiet).map(named)];
  const more = rows.length - MOST_ROWS;
  const table = [['Experiment', 'Definition', 'Trials to run', 'Time'], ['---', '---', '---', '---'], ...rows.slice(0, MOST_ROWS)].map(row);
  const block = (title: string, lines: string[]): Block => ({ title, text: lines.join('\n') });
  const blocks = [
    block('', [
      '## What this change would run',
      '',
      ...(rows.length === 0 ? ['There are no experiments.'] : table),
      ...(more > 0 ? ['', `${more} experiments more; ${EVERYTHING}.`] : []),
    ]),
    ...(settings.length === 0 ? [] : [block(code(SETTINGS_FILE), settingsTable(settings))]),
    ...invalid.map(({ experiment, problems: own }) => block(code(experiment), [`### ${code(experiment)} is invalid`, '', ...bullets(own)])),
    ...(problems.length === 0 ? [] : [block('other problems', ['### Other problems', '', ...bullets(problems)])]),
    ...experiments.filter(isWorthASection).map(section),
  ];
  return `${fitComment(blocks, MOST_BYTES, tellLeft)}\n`;
}

function tellLeft(titles: readonly string[]): string {
  return `**Left out**, since all of it is too long for a comment: ${few(titles).join(', ')}; ${EVERYTHING}.`;
}

function bullets(lines: readonly string[]): string[] {
  return few(lines.map((each) => code(each))).map((line) => `- ${line}`);
}

/** At most MOST_NAMES, and how many more there are. */
function few(items: readonly string[]): string[] {
  const more = items.length - MOST_NAMES;
  return more > 0 ? [...items.slice(0, MOST_NAMES), `${more} more`] : [...items];
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

function section(review: ReviewedExperiment): Block {
  const { experiment, file, first, files, suggestions, nothing } = review;
  const assignments = first.assignments.map(({ name, value }) => `${name}=${value}`).join(' ');
  const lines = [
    `### ${code(experiment)}`,
    '',
    `${code(file)}; its first trial is ${code(first.trial)} (${first.source})${assignments === '' ? '' : ` with ${code(assignments)}`}.`,
    ...(nothing === undefined ? [] : [`Nothing runs now: ${nothing.reason}, ${prose(nothing.message)}.`]),
    ...(files.length === 0 ? [] : ['', `Files it uses that changed: ${few(files.map((each) => code(each))).join(', ')}.`]),
    ...(suggestions.length === 0 ? [] : ['', `Suggested by hand: ${few(suggestions.map((each) => code(each))).join(', ')}.`]),
    '',
    ...touchTable(review),
  ];
  const instead = `The rendered first trial is left out, since all of it is too long for a comment; ${EVERYTHING}.`;
  return { title: code(experiment), text: lines.join('\n'), detail: { text: rendered(first).join('\n'), instead } };
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
  const marked = (names: readonly string[], added: readonly string[]) => {
    const isNew = (name: string) => change !== 'New' && added.includes(name);
    // What is new must not be among what is cut.
    const inOrder = names.length <= MOST_NAMES ? names : names.toSorted((a, b) => Number(isNew(b)) - Number(isNew(a)));
    return few(inOrder.map((name) => (isNew(name) ? `**new** ${code(name)}` : code(name)))).join(', ') || 'none';
  };
  return [
    '| It may touch | |',
    '| --- | --- |',
    row(['Namespaces it runs in', marked(slots, newSlots)]),
    ...TOUCHED.filter(([kind]) => !SELDOM.includes(kind) || touches[kind].length > 0).map(([kind, title]) =>
      row([title, marked(touches[kind], newTouches[kind])]),
    ),
    ...(unseen.length === 0 ? [] : ['', `Not looked at for this table: ${few(unseen.map((each) => code(each))).join(', ')}.`]),
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
function code(text: string, most = MOST_CHARACTERS): string {
  const cut = text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
  const line = cut.replaceAll(/\s+/g, ' ');
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
