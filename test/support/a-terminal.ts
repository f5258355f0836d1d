import { EventEmitter, once } from 'node:events';
import xterm from '@xterm/headless';
import type { Terminal } from '../../runner/progress/board/screen.ts';

/** A terminal that shows what is written to it, as xterm does. */
export type ShownTerminal = Terminal & {
  /** All that was written, escape sequences too. */
  written: string[];
  /** What a person sees, scrolled-up lines first; without blanks at the end of lines and blank lines at the end. */
  shows(): Promise<string[]>;
  /** The same, once it is so; rejects when that takes 20 s. */
  showing(isSo: (lines: string[]) => boolean): Promise<string[]>;
  /** As when a person drags the window's edge: lines that are too long wrap, those that were wrapped join. */
  resize(columns: number, rows: number): Promise<void>;
};

/** Milliseconds. */
const PATIENCE = 20_000;

export function aTerminal(columns: number, rows = 30): ShownTerminal {
  const emulator = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true, scrollback: 1000 });
  const events = new EventEmitter();
  const written: string[] = [];
  // What was written before is not shown before it was parsed.
  const settled = () => new Promise<void>((resolve) => emulator.write('', resolve));
  const shows = async () => {
    await settled();
    const { active } = emulator.buffer;
    const lines = Array.from({ length: active.length }, (_, index) => active.getLine(index)?.translateToString(true) ?? '');
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  };
  return {
    written,
    get columns() {
      return emulator.cols;
    },
    get rows() {
      return emulator.rows;
    },
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
    write(text) {
      written.push(text);
      emulator.write(text, () => events.emit('shown'));
    },
    shows,
    async showing(isSo) {
      const signal = AbortSignal.timeout(PATIENCE);
      for (;;) {
        const more = once(events, 'shown', { signal });
        // Looked at below, unless it is so already.
        more.catch(() => undefined);
        const lines = await shows();
        if (isSo(lines)) return lines;
        await more.catch((cause: unknown) => {
          throw new Error(`the terminal does not come to show it, but\n${lines.join('\n')}`, { cause });
        });
      }
    },
    async resize(newColumns, newRows) {
      await settled();
      emulator.resize(newColumns, newRows);
      events.emit('resize');
    },
  };
}
