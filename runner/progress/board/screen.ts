import { widthOf } from './fit-text.ts';

/** A terminal, as far as the board needs one; `tty.WriteStream` is one. */
export type Terminal = {
  write(text: string): unknown;
  /** Undefined or 0 where nobody knows. */
  columns: number | undefined;
  rows: number | undefined;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
};

/** The process that writes to it. */
export type Host = {
  pid: number;
  on(event: NodeJS.Signals | 'exit', listener: () => void): unknown;
  off(event: NodeJS.Signals | 'exit', listener: () => void): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
};

export type Screen = {
  size(): { columns: number; rows: number };
  /** Puts lines above the frame, where they stay, and the frame in the place of the one before. No line of a frame may wrap. */
  draw(above: readonly string[], frame: readonly string[]): void;
  /** Takes the frame away and gives the cursor back. */
  close(): void;
};

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
/** Terminals that know it show all between at once, others pass over it. */
const BEGIN_UPDATE = '\u001B[?2026h';
const END_UPDATE = '\u001B[?2026l';
const ERASE_LINE_END = '\u001B[K';
const ERASE_BELOW = '\u001B[J';

const UNKNOWN_SIZE = { columns: 80, rows: 24 };
/** What ends or suspends a process without asking it. SIGINT and SIGTERM are the program's own to answer. */
const DEADLY = ['SIGHUP', 'SIGQUIT'] as const;

/**
 * Keeps a frame at the bottom of a terminal while lines scroll above it. Each drawing is one write that overwrites what changes, so that
 * nothing flickers. The cursor is hidden meanwhile and comes back however the process ends, SIGKILL excepted.
 */
export function openScreen(terminal: Terminal, host: Host, redraw: () => void): Screen {
  let shown: readonly string[] = [];
  let isHidden = false;

  const columns = () => terminal.columns || UNKNOWN_SIZE.columns;
  const rows = () => terminal.rows || UNKNOWN_SIZE.rows;

  /** To the first line of the frame. A terminal that became narrower has wrapped the lines that were too long for it. */
  const toTop = () => {
    const height = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns())), 0);
    return height === 0 ? '\r' : `\r\u001B[${height}A`;
  };

  const showCursor = () => {
    if (isHidden) terminal.write(SHOW_CURSOR);
    isHidden = false;
  };

  const dying = DEADLY.map((signal) => {
    const die = () => {
      showCursor();
      host.off(signal, die);
      host.kill(host.pid, signal);
    };
    return [signal, die] as const;
  });
  const suspended = () => {
    showCursor();
    // The shell writes below the frame, and the next one begins below that.
    shown = [];
    host.kill(host.pid, 'SIGSTOP');
  };
  const listeners = [['exit', showCursor], ['SIGTSTP', suspended], ...dying] as const;

  terminal.on('resize', redraw);
  for (const [event, listener] of listeners) host.on(event, listener);

  return {
    size: () => ({ columns: columns(), rows: rows() }),
    draw(above, frame) {
      const isSame = frame.length === shown.length && frame.every((line, index) => line === shown[index]);
      if (above.length === 0 && isSame) return;
      const hide = frame.length > 0 && !isHidden ? HIDE_CURSOR : '';
      isHidden ||= frame.length > 0;
      // Lines above may wrap, and what they leave of the old frame would shine through.
      const history = above.length === 0 ? '' : `${ERASE_BELOW}${above.map((line) => `${line}\n`).join('')}`;
      const lines = frame.map((line) => `${line}${ERASE_LINE_END}\n`).join('');
      terminal.write(`${BEGIN_UPDATE}${hide}${toTop()}${history}${lines}${ERASE_BELOW}${END_UPDATE}`);
      shown = frame;
    },
    close() {
      if (shown.length > 0) terminal.write(`${toTop()}${ERASE_BELOW}`);
      shown = [];
      showCursor();
      terminal.off('resize', redraw);
      for (const [event, listener] of listeners) host.off(event, listener);
    },
  };
}
