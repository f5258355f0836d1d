import type { Output } from './output.ts';

/** What a command gets from the process: the only place where it is read is main.ts. */
export type CommandContext = {
  output: Output;
  /** What people type, or a pipe. */
  input: { readonly stream: NodeJS.ReadableStream; readonly isTerminal: boolean };
  environment: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Aborts on SIGINT and SIGTERM. */
  signal: AbortSignal;
};
