import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosResponse } from 'axios';
import type { Clock } from '../clock.ts';
import { redactor } from '../progress/redact.ts';
import { retry, type Attempt, type RetryPolicy } from '../retry.ts';
import { openTokens, type ApiCredentials } from './api-tokens.ts';
import { RemoteError, type RemoteReason } from './remote-error.ts';

export type ApiHttpOptions = {
  /** What every URL must begin with to be asked: links lead nowhere else, and the token goes nowhere else. */
  server: URL;
  credentials: ApiCredentials;
  userAgent: string;
  clock: Clock;
  hide(secrets: readonly string[]): void;
  /** Milliseconds after a first failure in which a request is tried again. */
  retryFor: number;
  /** Milliseconds for one whole request; default 10 s (R§22). */
  timeout?: number;
};

export type ApiRequest = {
  method: 'HEAD' | 'GET' | 'PUT' | 'POST' | 'DELETE';
  url: string;
  body?: unknown;
  /** The contract's own errors of this request, by status. */
  errors?: Readonly<Record<number, RemoteReason>>;
  /** Statuses that are no failure though they are not 2xx. */
  tolerated?: readonly number[];
  /** May be sent twice: its second answer is as good as its first. */
  repeatable: boolean;
};

export type ApiAnswer = { status: number; headers: Readonly<Record<string, unknown>>; body: unknown; url: string };

/** Sends one request of the contract within its limits. Throws RemoteError, or the signal's reason once that aborted. */
export type ApiHttp = (request: ApiRequest, signal: AbortSignal) => Promise<ApiAnswer>;

const TIMEOUT = 10_000;
/** Of a token (R§22). */
const TOKEN_TIMEOUT = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;

const REPEATED: RetryPolicy = { tries: Infinity, uncertain: true, serverError: true, conflict: false };
const ONCE: RetryPolicy = { tries: Infinity, uncertain: false, serverError: false, conflict: false };

export function openApiHttp(options: ApiHttpOptions): ApiHttp {
  const { server, clock, userAgent, retryFor, timeout = TIMEOUT } = options;
  const secrets: string[] = [];
  const hide = (more: readonly string[]) => {
    secrets.push(...more);
    options.hide(more);
  };
  const redact = (text: string) => redactor(secrets)(text);
  const tokens = openTokens(options.credentials, { post: postForm, clock, hide });

  /** The same request again with a new token, once: a token may be revoked before its time. */
  async function authorized(request: ApiRequest, signal: AbortSignal): Promise<Attempt<ApiAnswer>> {
    const token = await tokens.current(signal);
    const first = await attempt(request, token, signal);
    if (first.status === 'done' || first.error.status !== 401) return first;
    const renewed = await tokens.renew(token, signal);
    return renewed === undefined ? first : attempt(request, renewed, signal);
  }

  async function attempt(request: ApiRequest, token: string | undefined, signal: AbortSignal): Promise<Attempt<ApiAnswer>> {
    const headers = {
      Accept: 'application/json',
      'User-Agent': userAgent,
      ...(request.body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    };
    const data = request.body === undefined ? undefined : JSON.stringify(request.body);
    const attempted = await exchange({ ...request, headers, data, timeout }, redact, signal);
    if (attempted.status === 'failed') return attempted;
    const { value } = attempted;
    // What the server says is kept: in records, in the file of what is owed, in journals.
    return { status: 'done', value: { ...value, headers: masked(value.headers, redact), body: masked(value.body, redact) } };
  }

  async function postForm(url: string, form: Record<string, string>): Promise<unknown> {
    const never = new AbortController().signal;
    const headers = { Accept: 'application/json', 'User-Agent': userAgent, 'Content-Type': 'application/x-www-form-urlencoded' };
    const request = { method: 'POST', url, headers, data: new URLSearchParams(form).toString(), timeout: TOKEN_TIMEOUT } as const;
    const { body } = await retry(() => exchange(request, redact, never), REPEATED, retryFor, clock, never);
    return body;
  }

  return async (request, signal) => {
    requireOwn(request.url, server);
    const policy = request.repeatable ? REPEATED : ONCE;
    const answer = await retry(() => authorized(request, signal), policy, retryFor, clock, signal);
    return answer;
  };
}

/** The same without what we sent as a secret, should the other side repeat it. */
function masked<Value>(value: Value, redact: (text: string) => string): Value;
function masked(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((each) => masked(each, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, masked(each, redact)]));
}

/** API keys go only to the host that the installation names, whatever a link or a file on the results branch says. */
function requireOwn(url: string, server: URL): void {
  if (URL.parse(url)?.origin === server.origin) return;
  throw new RemoteError('unexpected', `${url} is not on ${server.origin}, which is the remote API of this installation; it is not asked`);
}

type Exchange = Pick<ApiRequest, 'method' | 'url' | 'errors' | 'tolerated'> & {
  headers: Record<string, string>;
  data: string | undefined;
  timeout: number;
};

/**
 * A connection for each request: one that was kept may have ended unseen, and a request that got lost with it would have to count as carried
 * out. There are a few requests per trial.
 */
const AGENTS = { httpAgent: new HttpAgent({ keepAlive: false }), httpsAgent: new HttpsAgent({ keepAlive: false }) };

/** One try: an answer, or what the next decision needs to know of its failure, whose message is without secrets. */
async function exchange(request: Exchange, redact: (text: string) => string, signal: AbortSignal): Promise<Attempt<ApiAnswer>> {
  // Loaded here, because most runs have no remote API.
  const { default: axios } = await import('axios');
  const late = AbortSignal.timeout(request.timeout);
  try {
    const response = await axios.request<string>({
      method: request.method,
      url: request.url,
      headers: request.headers,
      data: request.data,
      ...AGENTS,
      signal: AbortSignal.any([signal, late]),
      maxRedirects: 0,
      maxContentLength: MAX_BYTES,
      responseType: 'text',
      transformResponse: (text: unknown) => text,
      validateStatus: () => true,
    });
    return judge(request, response, redact);
  } catch (error) {
    signal.throwIfAborted();
    if (!axios.isAxiosError(error)) throw error;
    const what = late.aborted ? `did not answer within ${request.timeout / 1000} s` : `cannot be asked: ${error.code ?? 'no reason given'}`;
    const message = `${request.method} ${request.url} ${what}`;
    const uncertain = !UNSENT.has(error.code ?? '');
    // axios' own errors hold the request with its headers.
    const cause = error.cause ?? new Error(error.message);
    return failed(new RemoteError('unreachable', message, { uncertain, cause }), PERMANENT.test(error.code ?? ''));
  }
}

function judge(request: Exchange, response: AxiosResponse<string>, redact: (text: string) => string): Attempt<ApiAnswer> {
  const { status, headers } = response;
  const isJson = /^application\/json\b/i.test(String(headers['content-type'] ?? ''));
  const body = isJson ? parseJson(response.data) : undefined;
  if ((status >= 200 && status < 300) || request.tolerated?.includes(status)) {
    if (isJson && body === undefined && response.data !== '')
      return failed(new RemoteError('unreachable', `${request.method} ${request.url}: the answer is cut off`, { uncertain: true }));
    return { status: 'done', value: { status, headers, body, url: request.url } };
  }
  const reason = reasonOf(request, response);
  const retryAfter = status === 503 || status === 429 ? seconds(headers['retry-after']) * 1000 : 0;
  const message = `${request.method} ${request.url}: ${redact(errorText(body) ?? defaultText(reason, response))}`;
  const uncertain = status >= 500 && reason !== 'trial-unavailable';
  const error = new RemoteError(reason, message, { status, retryAfter, uncertain });
  // The caller knows better than a repetition what to do with an answer of the contract.
  return failed(error, request.errors?.[status] !== undefined);
}

function reasonOf({ errors }: Exchange, { status, data }: AxiosResponse<string>): RemoteReason {
  // A gateway's own text (R§22.2).
  if (status === 401 || status === 402 || data === 'no Bearer token') return 'unauthorized';
  return errors?.[status] ?? 'unexpected';
}

function errorText(body: unknown): string | undefined {
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' && error !== '' ? error : undefined;
}

function defaultText(reason: RemoteReason, { status, statusText }: AxiosResponse<string>): string {
  if (status === 402) return 'account is not activated';
  if (status === 404) return 'not found';
  if (reason === 'unexpected') return `unexpected server response (${status} ${statusText})`;
  return reason.replaceAll('-', ' ');
}

/** Whole seconds from 1; an HTTP date is not part of the contract. */
function seconds(header: unknown): number {
  return typeof header === 'string' && /^[1-9]\d*$/.test(header) ? Number(header) : 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Told apart by the caller, which knows what was asked.
    return undefined;
  }
}

function failed(error: RemoteError, permanent = false): Attempt<never> {
  return { status: 'failed', error, retryAfter: error.retryAfter, uncertain: error.uncertain, permanent };
}

/** Errors from before anything was sent. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Certificates stay wrong. */
const PERMANENT = /CERT|SIGNATURE|ERR_TLS|EPROTO|ERR_INVALID/;
