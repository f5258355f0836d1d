import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { RunEvent } from '../../runner/progress/events.ts';
import { PROGRAM, PROJECT } from '../../scripts/example/project.ts';
import type { ShownTerminal } from './a-terminal.ts';

export type FieldtrialOptions = {
  /** Besides PATH and HOME; nothing else of the test's own environment reaches the program. */
  env?: Record<string, string>;
  cwd?: string;
  /** Its stderr, of which it believes that it is a terminal. */
  terminal?: ShownTerminal;
  /** What somebody types, through a pipe. */
  input?: string;
  /** Sends SIGTERM when it aborts. */
  signal?: AbortSignal;
};

export type TimedEvent = RunEvent & { timestamp: string };

export type FieldtrialEnd = {
  /** null when a signal ended the program before it could answer. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** What `run -o json` said; empty for any other command. */
  events: TimedEvent[];
};

export type StartedFieldtrial = {
  child: ChildProcess;
  ended: Promise<FieldtrialEnd>;
  /** The first event, said already or not yet, that matches; rejects with the program's output when it ends without. */
  event(matches: (event: TimedEvent) => boolean): Promise<TimedEvent>;
};

const PRETEND_TERMINAL = join(import.meta.dirname, 'pretend-terminal.ts');

/** Below the limit of a cluster test, so that a run that hangs ends with its output and not with mocha's patience. Milliseconds. */
const LIMIT = 280_000;

/** What node runs as `fieldtrial`: what is shipped, where the quick tests have packaged it, else the sources. */
export function program(): string {
  return process.env['FIELDTRIAL_TEST_PROGRAM'] ?? PROGRAM;
}

/** Runs the command line as users do, `fieldtrial …args`, until it ends; an exit code other than 0 is no error here. */
export function runFieldtrial(args: readonly string[], options: FieldtrialOptions = {}): Promise<FieldtrialEnd> {
  return startFieldtrial(args, options).ended;
}

/** The same, for tests that do something while it runs. It ends with the test's process at the latest. */
export function startFieldtrial(
  args: readonly string[],
  { env = {}, cwd = PROJECT, terminal, input, signal }: FieldtrialOptions = {},
): StartedFieldtrial {
  const { PATH = '', HOME = '/nonexistent' } = process.env;
  const { columns, rows } = terminal ?? {};
  const child = spawn(process.execPath, [...(terminal ? ['--import', PRETEND_TERMINAL] : []), program(), ...args], {
    cwd,
    env: { PATH, HOME, ...(terminal && { TERM: 'xterm', PRETENDED_SIZE: JSON.stringify({ columns, rows }) }), ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...(terminal ? (['ipc'] as const) : [])],
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  }) as ChildProcessByStdio<Writable, Readable, Readable>;
  const end = () => child.kill('SIGKILL');
  // A program that does not read it may be gone before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  process.once('exit', end);
  const stop = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });

  const events: TimedEvent[] = [];
  const heard = new EventTarget();
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line);
    if (!line.startsWith('{"timestamp"')) return;
    events.push(JSON.parse(line) as TimedEvent);
    heard.dispatchEvent(new Event('event'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr.push(text);
    terminal?.write(text);
  });
  const resized = () => child.send({ columns: terminal?.columns, rows: terminal?.rows });
  terminal?.on('resize', resized);

  const ended = once(child, 'close').then(([exitCode]): FieldtrialEnd => {
    process.off('exit', end);
    terminal?.off('resize', resized);
    signal?.removeEventListener('abort', stop);
    return { exitCode: exitCode as number | null, stdout: stdout.map((line) => `${line}\n`).join(''), stderr: stderr.join(''), events };
  });
  return { child, ended, event: (matches) => firstEvent(matches, events, heard, ended) };
}

async function firstEvent(
  matches: (event: TimedEvent) => boolean,
  events: readonly TimedEvent[],
  heard: EventTarget,
  ended: Promise<FieldtrialEnd>,
): Promise<TimedEvent> {
  let over: FieldtrialEnd | undefined;
  for (;;) {
    const found = events.find(matches);
    if (found !== undefined) return found;
    if (over !== undefined)
      throw new Error(`fieldtrial ended with exit code ${over.exitCode} before that event:\n${over.stdout}${over.stderr}`);
    // What arrives between the look above and this line cannot be missed: nothing is awaited in between.
    over = await Promise.race([ended, once(heard, 'event').then(() => undefined)]);
  }
}
