import { ClusterError } from '../cluster/errors.ts';
import { InvalidInput, PreflightFailed, RecordFailed, UsageError } from '../model/errors.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { EXIT } from './exit-code.ts';

/** Ended by SIGINT or SIGTERM; the code is 128 and the signal's number. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`ended by ${signal}; what runs stays as it is for the next run`);
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

/** What an error says to people and to the shell: expected ones one sentence, a bug its stack and causes. */
export function reportError(error: unknown): { exitCode: number; text: string } {
  if (error instanceof Interrupted) return { exitCode: error.exitCode, text: error.message };
  if (error instanceof UsageError) return { exitCode: EXIT.usage, text: `error: ${error.message}` };
  if (error instanceof InvalidInput) return { exitCode: EXIT.invalid, text: error.message };
  if (error instanceof PreflightFailed) return { exitCode: EXIT.preflight, text: `preflight failed: ${error.message}` };
  if (error instanceof RecordFailed) return { exitCode: EXIT.unpushed, text: `records are not pushed: ${error.message}` };
  if (error instanceof ClusterError) return { exitCode: EXIT.preflight, text: `the cluster refused: ${error.message}` };
  if (error instanceof RemoteError) return { exitCode: EXIT.preflight, text: `the remote API refused: ${error.message}` };
  return { exitCode: EXIT.unexpected, text: `unexpected, please report it:\n${stackOf(error)}` };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
