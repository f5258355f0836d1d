import { ClusterError } from './errors.ts';
import type { Failure } from '../retry.ts';

/** Errors from before anything was sent. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_PRX_CONN',
  'UND_ERR_CLOSED',
]);

/**
 * An answer other than 2xx, in the words of its Status object; anything else (a proxy's page) is quoted in short. `masked` takes out of those
 * words what must not be told.
 */
export function refusal(
  what: string,
  code: number,
  body: string,
  retryAfter: string | undefined,
  masked: (words: string) => string = (words) => words,
): Failure {
  const { message, reason } = parseStatus(body) ?? { message: `HTTP ${code}: ${shorten(masked(body))}` };
  return {
    error: statusError(what, code, { ...(reason !== undefined && { reason }), ...(message !== undefined && { message: masked(message) }) }),
    retryAfter: parseRetryAfter(retryAfter),
    uncertain: code === 500 || code === 502 || code === 504,
    permanent: false,
  };
}

/** The Status object of a refused request or of a watch's ERROR event. */
export function statusError(what: string, code: number, status: { message?: string; reason?: string }): ClusterError {
  return new ClusterError(code, status.reason || 'Unknown', `${what}: ${status.message || `HTTP ${code}`}`);
}

/** No answer: what the socket, the name service or TLS said. Any other error is a bug and is thrown again. */
export function noAnswer(what: string, error: unknown): Failure {
  if (error instanceof ClusterError) return { error, retryAfter: 0, uncertain: false, permanent: false };
  const code = networkCode(error);
  if (code === undefined) throw error;

  const permanent = isCertificateError(code);
  const message = `${what}: no answer from the API server: ${networkMessage(error as Error)}`;
  const reason = permanent ? 'UntrustedCertificate' : 'Unreachable';
  return {
    error: new ClusterError(0, reason, message, { cause: error }),
    retryAfter: 0,
    uncertain: !UNSENT.has(code),
    permanent,
  };
}

/** An answer that is no JSON where JSON was asked for: somebody else answers at that address. */
export function notJson(what: string, code: number, cause: unknown): Failure {
  const message = `${what}: the answer (HTTP ${code}) is not JSON; is it a Kubernetes API server?`;
  return {
    error: new ClusterError(code, 'InvalidAnswer', message, { cause }),
    retryAfter: 0,
    uncertain: false,
    permanent: true,
  };
}

function parseStatus(body: string): { message?: string; reason?: string } | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const status = JSON.parse(body);
    return status.kind === 'Status' ? status : undefined;
  } catch {
    // A page that only looks like JSON is quoted as it is.
    return undefined;
  }
}

function shorten(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/** RFC 9110 §10.2.3; the API server sends seconds, so a date is taken as no wish at all. */
function parseRetryAfter(header: string | undefined): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}

function networkCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED' || code === 'UND_ERR_DESTROYED') return undefined;
  return /^(UND_ERR_|HPE_|ERR_SSL_|ERR_TLS_|EAI_AGAIN$|E[A-Z0-9]+$)/.test(code) || isCertificateError(code) ? code : undefined;
}

/** OpenSSL's X.509 verification errors, as Node names them, and a name that does not match. */
function isCertificateError(code: string): boolean {
  return /^CERT_|_CERT|_CERTIFICATE|^UNABLE_TO_|^INVALID_(CA|PURPOSE)|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/.test(code);
}

function networkMessage(error: Error): string {
  // A host with several addresses fails with an AggregateError that says nothing itself.
  if (error instanceof AggregateError) return error.errors.map((each) => (each as Error).message).join('; ');
  return error.message;
}
