/** What the API server refused, in its own words; `status` is the HTTP code, 0 when there was no answer. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly status: number;
  /** The Status object's reason, such as `Forbidden`; `Unreachable` when there was no answer. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.reason = reason;
  }
}

export function isConflict(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 409 && error.reason === 'Conflict';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404 && error.reason === 'NotFound';
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 403;
}

/** Of discovery: the cluster has no such kind, or not yet. */
export function isNoKindMatch(error: unknown): boolean {
  return error instanceof ClusterError && error.reason === 'NoKindMatch';
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ClusterError && error.reason === 'AlreadyExists';
}

/** The infrastructure's fault rather than the request's: no answer, throttled, or the server's own error. */
export function isTransient(error: unknown): boolean {
  return error instanceof ClusterError && (error.status === 0 || error.status === 429 || error.status >= 500);
}

/** The server no longer knows the resourceVersion that a watch was to begin with. */
export function isGone(error: unknown): boolean {
  return error instanceof ClusterError && (error.status === 410 || error.reason === 'Expired');
}

/**
 * An admission webhook with side effects stands between: the server refuses to ask it in a dry run, which says nothing about the object. There
 * is no reason of its own for it (k8s.io/apiserver, plugin/webhook/errors/statuserror.go, NewDryRunUnsupportedErr).
 */
export function isDryRunUnsupported(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 400 && /does not support dry run/.test(error.message);
}
