import { redactor } from '../progress/redact.ts';
import { credentialsFor, refusalOf } from './access/hosts.ts';
import type { Vendor } from './access/api-keys.ts';
import type { MetricAccess } from './access/metric-access.ts';
import { CredentialsUnreadable, readCredentials, type ReadCredentials } from './access/read-credentials.ts';

export type HttpRequest = {
  url: URL;
  /** Bytes that the answer may have. */
  limit: number;
  /** Milliseconds [30 s]. */
  timeout?: number;
  /** JSON that is sent with POST; without it is GET. */
  post?: unknown;
  /** A vendor's keys: they go to hosts that may have them, and nowhere else. */
  keys?: { vendor: Vendor; headers: Readonly<Record<string, string>> };
};

/** The body is without what was sent as a secret, should the other side repeat it. */
export type HttpAnswer = {
  status: number;
  body: string;
  /** Milliseconds, where the other side says when to ask again. */
  pause?: number;
};

/** There is no answer to read; `transient` when asking again may bring one. The message names the host and nothing else of the URL. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly transient: boolean;

  constructor(message: string, transient: boolean, options?: ErrorOptions) {
    super(message, options);
    this.transient = transient;
  }
}

const MOST_REDIRECTS = 5;

/**
 * One request for JSON text, answered by whatever status, with what the installation sends to that host. A GET follows redirects within
 * its host, and from http to https there; the host that was named is the only one asked. Throws HttpFailure, or the signal's reason
 * once that aborted.
 */
export async function httpAsk(request: HttpRequest, access: MetricAccess, signal: AbortSignal): Promise<HttpAnswer> {
  let { url } = request;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const reply = await askOnce({ ...request, url }, access, signal);
    if (!('location' in reply)) return reply;
    url = followed(url, reply.location, request);
  }
  throw new HttpFailure(`${url.host} redirects more than ${MOST_REDIRECTS} times`, false);
}

async function askOnce(request: HttpRequest, access: MetricAccess, signal: AbortSignal): Promise<HttpAnswer | { location: unknown }> {
  const { url, limit, timeout = 30_000, post, keys } = request;
  const refusal = refusalOf(url, keys?.vendor, access);
  if (refusal !== undefined) throw new HttpFailure(refusal, false);
  const credentials = await credentialsOf(url, access);
  // Loaded here, because most commands and most trials ask no server.
  const [{ default: axios }, { Agent }] = await Promise.all([import('axios'), import('node:https')]);
  const late = AbortSignal.timeout(timeout);
  const httpsAgent = credentials.tls === undefined ? undefined : new Agent(credentials.tls);
  try {
    const response = await axios.request({
      url: url.href,
      method: post === undefined ? 'GET' : 'POST',
      data: post,
      headers: { 'User-Agent': access.userAgent, ...credentials.headers, ...keys?.headers, Accept: 'application/json' },
      ...(httpsAgent && { httpsAgent }),
      maxRedirects: 0,
      responseType: 'stream',
      signal: AbortSignal.any([signal, late]),
      validateStatus: () => true,
    });
    const body = await readBounded(response.data, limit, url);
    const { status, headers } = response;
    if (status >= 300 && status < 400) return { location: headers.location };
    const redact = redactor([...credentials.secrets, ...Object.values(keys?.headers ?? {})]);
    const pause = pauseOf(headers);
    return { status, body: redact(body), ...(pause !== undefined && { pause }) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HttpFailure) throw error;
    // axios' own errors hold the request with its headers.
    const cause: unknown = axios.isAxiosError(error) ? (error.cause ?? new Error(error.message)) : error;
    if (late.aborted) throw new HttpFailure(`${url.host} did not answer within ${timeout / 1000} s`, true, { cause });
    const code = codeOf(error);
    if (!axios.isAxiosError(error) && !PASSING.has(code)) throw error;
    throw new HttpFailure(`${url.host} cannot be asked: ${code}`, PASSING.has(code), { cause });
  } finally {
    httpsAgent?.destroy();
  }
}

async function credentialsOf(url: URL, access: MetricAccess): Promise<ReadCredentials> {
  try {
    return await readCredentials(credentialsFor(url, access));
  } catch (error) {
    if (!(error instanceof CredentialsUnreadable)) throw error;
    // A Secret that is being replaced, or mounted late, is there a moment later.
    throw new HttpFailure(`the credentials for ${url.host} cannot be used: ${error.message}`, true, { cause: error });
  }
}

/** Where a redirect leads; throws HttpFailure when that is another host, or less private. */
function followed(url: URL, location: unknown, { post }: HttpRequest): URL {
  const next = typeof location === 'string' ? URL.parse(location, url.href) : null;
  const isUpgrade = url.protocol === 'http:' && next?.protocol === 'https:' && next.hostname === url.hostname;
  if (next !== null && post === undefined && next.username + next.password === '' && (next.origin === url.origin || isUpgrade)) return next;
  const target = next === null ? '' : ` to ${next.origin}`;
  throw new HttpFailure(`${url.host} redirects${target}, which is not followed; give the final URL`, false);
}

/** RFC 9110 §10.2.3 `Retry-After`, and the seconds of Datadog's `X-RateLimit-Reset` (docs.datadoghq.com/api/latest/rate-limits). */
function pauseOf(headers: Record<string, unknown>): number | undefined {
  const [text] = [headers['retry-after'], headers['x-ratelimit-reset']].filter((each) => typeof each === 'string');
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

async function readBounded(stream: AsyncIterable<Buffer>, limit: number, url: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    // Leaving the loop destroys the stream, and the connection with it.
    if (length > limit) throw new HttpFailure(`${url.host} answered more than ${limit} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'no reason given';
}

/** Of connections that were refused, dropped or not found; certificates, for example, stay wrong. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // A body that ended early.
  'ERR_BAD_RESPONSE',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
