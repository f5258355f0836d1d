import { bestLines } from './best-lines.ts';
import type { BoardState } from './board-state.ts';
import { overallLine } from './overall-line.ts';
import type { Paint } from './paint.ts';
import { slotLines } from './slot-lines.ts';

export type BoardView = {
  /** Milliseconds since 1970. */
  now: number;
  /** No line is wider, and there are no more lines than `rows`. */
  columns: number;
  rows: number;
  paint: Paint;
};

/** Rows from which on there is room for blank lines between the parts. */
const ROOMY = 10;

/** The board as lines: the slots, the overall line, the best so far. Nothing before slots are taken. */
export function renderBoard(state: BoardState, { rows, ...view }: BoardView): string[] {
  if (state.slots.length === 0 || rows < 1) return [];
  const overall = overallLine(state, view);
  const blanks = rows >= ROOMY ? 2 : 0;
  const best = bestLines(state.experiments, Math.floor(rows / 4), view);
  const room = rows - blanks - 1 - best.length;
  const slots = room > 0 ? slotLines(state, room, view) : [];
  return blanks > 0 ? ['', ...slots, '', overall, ...best] : [...slots, overall, ...best];
}
