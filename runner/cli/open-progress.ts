import { colored, plain } from '../progress/board/paint.ts';
import { liveBoard } from '../progress/board/live-board.ts';
import type { Emit } from '../progress/events.ts';
import { jsonLines } from '../progress/json-lines.ts';
import { plainLines } from '../progress/plain-lines.ts';
import type { CommandContext } from './command-context.ts';

export type ProgressFormat = 'board' | 'plain' | 'json';

/** `close` takes away what is drawn; events are told as lines from then on. */
export type Progress = { emit: Emit; close(): void };

/** How a run is told: a board needs a terminal, and gives way to plain lines without one. */
export function openProgress(format: ProgressFormat, { output }: Pick<CommandContext, 'output'>): Progress {
  const now = () => new Date();
  if (format === 'json') return { emit: jsonLines(output.data, { now }), close: () => {} };
  const { terminal } = output;
  if (format === 'plain' || terminal === undefined) return { emit: plainLines(output.say, { now }), close: () => {} };
  return liveBoard({
    terminal,
    host: process,
    paint: terminal.hasColors ? colored : plain,
    redact: output.redact,
    now,
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  });
}
