import type { BoardState } from './board-state.ts';
import { fitStart, widthOf } from './fit-text.ts';
import type { Paint } from './paint.ts';
import { timeLeft, trialsInAll, type TimeLeft } from './time-left.ts';

type Part = { text: string; style?: Parameters<Paint>[0] };

const GAP = 3;
/** What is left of the last minute is told in steps of so many seconds. */
const STEP = 5;

/** `████████░░░░░░░░  12 of 40   2 running   1 failed   about 58m left`; on a narrow terminal with fewer words. */
export function overallLine(state: BoardState, { now, columns, paint }: { now: number; columns: number; paint: Paint }): string {
  const done = state.experiments.reduce((sum, { trials }) => sum + trials, 0);
  const failed = state.experiments.reduce((sum, each) => sum + each.failed, 0);
  const all = trialsInAll(state);
  const running = state.slots.filter((slot) => slot.status === 'Trial' && !slot.isDecided).length;
  const left = running > 0 || all > done ? timeLeft(state, now) : undefined;

  const width = Math.max(8, Math.min(40, Math.floor(columns / 4)));
  const filled = all === 0 ? width : Math.round((done / all) * width);
  const bar = { text: '█'.repeat(filled), rest: '░'.repeat(width - filled) };
  const count: Part = { text: `${String(done).padStart(String(all).length)} of ${all}`, style: 'bold' };
  const runs: Part = { text: `${running} running` };
  const failures: Part = { text: `${failed} failed`, ...(failed > 0 && { style: 'red' }) };
  const [long, short] = left === undefined ? [[], []] : [[{ text: describeLeft(left) }], [{ text: `${roughly(left.milliseconds)} left` }]];

  const choices: Part[][] = [
    [count, runs, failures, ...long],
    [count, failures, ...long],
    [count, failures, ...short],
  ];
  const room = columns - width - 2;
  const parts = choices.find((each) => lengthOf(each) <= room);
  if (parts === undefined) return fitStart([count, failures, ...short].map(({ text }) => text).join('  '), columns).trimEnd();
  const words = parts.map(({ text, style }) => (style === undefined ? text : paint(style, text)));
  return `${paint('green', bar.text)}${paint('dim', bar.rest)}  ${words.join(' '.repeat(gapOf(parts, room)))}`;
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + widthOf(text), 2 * (parts.length - 1));
}

function gapOf(parts: readonly Part[], room: number): number {
  return lengthOf(parts) + parts.length - 1 <= room ? GAP : GAP - 1;
}

function describeLeft({ is, milliseconds }: TimeLeft): string {
  return `${is === 'About' ? 'about' : 'at most'} ${roughly(milliseconds)} left`;
}

/** In steps that do not change with every second. */
function roughly(milliseconds: number): string {
  const seconds = STEP * Math.max(1, Math.ceil(milliseconds / 1000 / STEP));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h${String(minutes % 60).padStart(2, '0')}m` : `${Math.floor(hours / 24)}d${hours % 24}h`;
}
