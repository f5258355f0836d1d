/** Why the Experiments API did not do what it was asked; the hyphened ones are the contract's own (R§22.1). */
export type RemoteReason =
  | 'experiment-name-invalid'
  | 'experiment-name-conflict'
  | 'experiment-invalid'
  | 'experiment-not-found'
  | 'experiment-stopped'
  | 'trial-invalid'
  | 'trial-unavailable'
  | 'trial-not-found'
  | 'trial-already-reported'
  | 'unauthorized'
  /** No answer, or none of this server's. */
  | 'unreachable'
  /** An answer that the contract does not know. */
  | 'unexpected';

/** What the Experiments API answered when it refused, in its own words; `status` is the HTTP code, 0 when there was no answer. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly status: number;
  readonly reason: RemoteReason;
  /** Milliseconds that the server asked to wait; 0 when it asked for nothing. */
  readonly retryAfter: number;
  /** The request may have been carried out all the same: its answer was lost. */
  readonly uncertain: boolean;

  constructor(
    reason: RemoteReason,
    message: string,
    {
      status = 0,
      retryAfter = 0,
      uncertain = false,
      cause,
    }: { status?: number; retryAfter?: number; uncertain?: boolean; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.status = status;
    this.retryAfter = retryAfter;
    this.uncertain = uncertain;
  }
}

/** Time alone may heal it: no answer, throttled, or the server's own error. */
export function isOutage({ status, reason }: RemoteError): boolean {
  return reason === 'unreachable' || status === 429 || status >= 500;
}
