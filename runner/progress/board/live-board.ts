import type { Emit, RunEvent } from '../events.ts';
import { plainLine } from '../plain-lines.ts';
import { redactEvent } from '../redact-event.ts';
import { EMPTY_BOARD, nextBoard } from './board-state.ts';
import { historyLine } from './history-line.ts';
import type { Paint } from './paint.ts';
import { renderBoard } from './render-board.ts';
import { openScreen, type Host, type Terminal } from './screen.ts';

export type LiveBoard = {
  emit: Emit;
  /** Takes the board away; what is emitted from then on is a line. */
  close(): void;
};

export type BoardDeps = {
  terminal: Terminal;
  host: Host;
  paint: Paint;
  redact(text: string): string;
  now(): Date;
  /** Calls back once, after so many milliseconds; the result takes it back. */
  after(milliseconds: number, callback: () => void): () => void;
};

/** Several events at once, such as those between two stages, are one drawing. Milliseconds. */
const SOON = 40;
/** Durations go on. */
const TICK = 1_000;

/** The share of the terminal that is left to the lines above the board. */
const HISTORY = 0.2;

/** Shows a run's events on a terminal: what matters later as lines, what is so now as a board below them. */
export function liveBoard({ terminal, host, paint, redact, now, after }: BoardDeps): LiveBoard {
  let state = EMPTY_BOARD;
  let above: string[] = [];
  let timer = { isSoon: false, cancel: () => {} };
  let isOpen = true;

  const draw = () => {
    const { columns, rows } = screen.size();
    // The last column is left free, since terminals differ in what they do when it is written; the last row is the cursor's.
    const view = { now: now().getTime(), columns: columns - 1, rows: rows - 1 - Math.floor(rows * HISTORY), paint };
    screen.draw(above, renderBoard(state, view));
    above = [];
    wait(TICK, false);
  };
  const wait = (milliseconds: number, isSoon: boolean) => {
    timer.cancel();
    timer = { isSoon, cancel: after(milliseconds, draw) };
  };
  const screen = openScreen(terminal, host, draw);

  return {
    emit(event) {
      const at = now();
      const safe = redactEvent(event, redact);
      if (!isOpen) return writeLine(safe, at);
      state = nextBoard(state, safe, at.getTime());
      const line = historyLine(safe, at, paint);
      if (line !== undefined) above.push(line);
      if (!timer.isSoon) wait(SOON, true);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      timer.cancel();
      screen.draw(above, []);
      screen.close();
    },
  };

  function writeLine(event: RunEvent, at: Date): void {
    terminal.write(`${historyLine(event, at, paint) ?? plainLine(event, at)}\n`);
  }
}
