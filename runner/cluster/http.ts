import { request as exchange, type Dispatcher } from 'undici';

import { systemClock, type Clock } from '../clock.ts';
import type { Access, Credentials } from './credentials.ts';
import { noAnswer, notJson, refusal } from './failure.ts';
import { withoutSecretContent } from './secret-content.ts';
import { retry, type Attempt, type RetryPolicy } from '../retry.ts';

export type HttpRequest = {
  /** The verb as RBAC and audit logs have it, and the plural, such as `pods/log`. */
  verb: string;
  resource: string;
  /** Verb and object for messages, such as `patch Deployment shop/checkout`. */
  what: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  policy: RetryPolicy;
  /** A watch is silent while nothing happens, so only its beginning has a deadline. */
  streaming?: boolean;
  /** Called when an answer was lost and the request may have been carried out. */
  onUncertain?: () => void;
};

export type Body = Dispatcher.ResponseData['body'];
type Headers = Dispatcher.ResponseData['headers'];

/** One HTTP exchange, for counting; `status` is 0 when there was no answer, `ms` lasts until the headers came. */
export type RequestMeasure = { verb: string; resource: string; status: number; ms: number };

export type HttpOptions = {
  server: string;
  credentials: Credentials;
  /** Milliseconds after a first failure in which a request is tried again; default 30 s. */
  retryBudget?: number;
  /** Milliseconds of silence after which a try has failed; default 30 s, which is the longest an admission webhook may take. */
  timeout?: number;
  clock?: Clock;
  onRequest?: (measure: RequestMeasure) => void;
  /** Who asks, as audit logs and metrics of the API server have it. */
  userAgent?: string;
};

/** Sends a request and reads its answer; whatever cannot be healed by trying again is thrown as a ClusterError. */
export type Http = {
  json(request: HttpRequest, signal: AbortSignal): Promise<any>;
  text(request: HttpRequest, signal: AbortSignal): Promise<string>;
  stream(request: HttpRequest, signal: AbortSignal): Promise<Body>;
  /** The Date header of the answer. */
  date(request: HttpRequest, signal: AbortSignal): Promise<string | undefined>;
};

export function createHttp(options: HttpOptions): Http {
  const { retryBudget = 30_000, clock = systemClock } = options;

  function send<Value>(request: HttpRequest, read: (body: Body, headers: Headers) => Promise<Value>, signal: AbortSignal): Promise<Value> {
    return retry(
      async () => {
        const outcome = await attempt(options, request, read, signal);
        if (outcome.status === 'failed' && outcome.uncertain) request.onUncertain?.();
        return outcome;
      },
      request.policy,
      retryBudget,
      clock,
      signal,
    );
  }

  return {
    json: (request, signal) => send(request, (body) => body.json(), signal),
    text: (request, signal) => send(request, (body) => body.text(), signal),
    stream: (request, signal) => send(request, async (body) => body, signal),
    date: (request, signal) =>
      send(
        request,
        async (body, { date }) => {
          await body.dump();
          return typeof date === 'string' ? date : undefined;
        },
        signal,
      ),
  };
}

async function attempt<Value>(
  options: HttpOptions,
  request: HttpRequest,
  read: (body: Body, headers: Headers) => Promise<Value>,
  signal: AbortSignal,
): Promise<Attempt<Value>> {
  let status = 0;
  try {
    const response = await exchangeWithCredentials(options, request, signal);
    status = response.statusCode;
    if (status >= 200 && status < 300) return { status: 'done', value: await read(response.body, response.headers) };
    const retryAfter = response.headers['retry-after'];
    const text = await response.body.text();
    return { status: 'failed', ...refusal(request.what, status, text, String(retryAfter), withoutSecretContent(request)) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SyntaxError) return { status: 'failed', ...notJson(request.what, status, error) };
    return { status: 'failed', ...noAnswer(request.what, error) };
  }
}

/** A token may have been replaced since it was read: after 401 the credentials are asked for anew, once. */
async function exchangeWithCredentials(options: HttpOptions, request: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { credentials } = options;
  const access = await abortable(credentials.current(), signal);
  const response = await exchangeOnce(options, request, access, signal);
  if (response.statusCode !== 401) return response;

  await response.body.dump();
  return exchangeOnce(options, request, await abortable(credentials.renew(access), signal), signal);
}

async function exchangeOnce(
  { server, timeout = 30_000, onRequest, userAgent }: HttpOptions,
  request: HttpRequest,
  access: Access,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { verb, resource, method, body, contentType = 'application/json' } = request;
  const startedAt = performance.now();
  let status = 0;
  try {
    const response = await exchange(urlOf(server, request), {
      method,
      dispatcher: request.streaming === true ? access.watches : access.dispatcher,
      signal,
      // undici would give up the connection after a DELETE with a body, which is nothing unusual here.
      reset: false,
      headersTimeout: timeout,
      bodyTimeout: request.streaming === true ? 0 : timeout,
      headers: {
        ...access.headers,
        ...(userAgent !== undefined && { 'user-agent': userAgent }),
        accept: 'application/json, */*',
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    status = response.statusCode;
    return response;
  } finally {
    onRequest?.({ verb, resource, status, ms: performance.now() - startedAt });
  }
}

function urlOf(server: string, { path, query = {} }: HttpRequest): URL {
  const url = new URL(server + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** Credentials may come from a program that asks a person: the wait ends with the signal, the program with itself. */
async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
