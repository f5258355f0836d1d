import type { Terminal } from '../progress/board/screen.ts';

/** Where text leaves the process: data on stdout, everything else on stderr, secrets masked in both. */
export type Output = {
  data(text: string): void;
  say(line: string): void;
  /** stderr where it is a terminal that can move its cursor, for whoever draws on it; masked as all else. */
  terminal: (Terminal & { hasColors: boolean }) | undefined;
  /** What will never be printed, masked in a text: for whoever cuts it before it is written, or writes it elsewhere. */
  redact(text: string): string;
  /** A question, on stderr, whose answer stands on the same line. */
  ask(prompt: string): void;
  /** Strings that must never be printed from now on. */
  hide(secrets: readonly string[]): void;
};

type Stream = { write(text: string): unknown };
type ErrorStream = Stream & Partial<Pick<NodeJS.WriteStream, 'isTTY'>>;

export function openOutput(
  { stdout, stderr, env = {} }: { stdout: Stream; stderr: ErrorStream; env?: Readonly<Record<string, string | undefined>> },
  redactor: (secrets: string[]) => (text: string) => string,
): Output {
  let hidden: string[] = [];
  let redact = redactor(hidden);
  return {
    data: (text) => void stdout.write(redact(text.endsWith('\n') ? text : `${text}\n`)),
    say: (line) => void stderr.write(`${redact(line)}\n`),
    terminal:
      stderr.isTTY === true && env['TERM'] !== 'dumb' ? terminalOf(stderr as NodeJS.WriteStream, (text) => redact(text)) : undefined,
    redact: (text) => redact(text),
    ask: (prompt) => void stderr.write(redact(prompt)),
    hide(secrets) {
      hidden = [...hidden, ...secrets];
      redact = redactor(hidden);
    },
  };
}

function terminalOf(stream: NodeJS.WriteStream, redact: (text: string) => string): Terminal & { hasColors: boolean } {
  return {
    // Node heeds NO_COLOR, FORCE_COLOR and what the terminal can do.
    hasColors: stream.hasColors(),
    write: (text) => stream.write(redact(text)),
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    on: (event, listener) => stream.on(event, listener),
    off: (event, listener) => stream.off(event, listener),
  };
}
