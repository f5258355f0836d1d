import { cutAnswer } from '../cut-answer.ts';
import { httpGet, HttpFailure } from '../http-get.ts';

export type Answer =
  | { status: 'Success'; data: any; raw: string }
  /** Asking the same again brings the same. */
  | { status: 'Refused'; message: string; raw?: string }
  /** May answer later. */
  | { status: 'Unavailable'; message: string };

/** Large servers list tens of megabytes of targets. */
const LIMIT = 64 * 1024 * 1024;

/**
 * One GET of a server's HTTP API (prometheus.io/docs/prometheus/latest/querying/api), `path` such as `query`: 429 and 5xx, as well as no
 * answer at all, are Unavailable, everything else but a success is Refused.
 */
export async function askPrometheus(server: URL, path: string, parameters: Record<string, string>, signal: AbortSignal): Promise<Answer> {
  const url = new URL(`${server.pathname.replace(/\/+$/, '')}/api/v1/${path}`, server);
  url.search = new URLSearchParams(parameters).toString();
  try {
    const { status, body } = await httpGet(url, { limit: LIMIT }, signal);
    const answer = parseJson(body);
    if (status === 200 && answer?.status === 'success') return { status: 'Success', data: answer.data, raw: cutAnswer(body) };
    if (status === 200) return { status: 'Refused', message: `${url.host} does not answer as Prometheus does`, raw: cutAnswer(body) };
    const message = `${url.host} answered ${status}${typeof answer?.error === 'string' ? `: ${answer.error}` : ''}`;
    return isPassing(status) ? { status: 'Unavailable', message } : { status: 'Refused', message, raw: cutAnswer(body) };
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return { status: error.transient ? 'Unavailable' : 'Refused', message: error.message };
  }
}

/** 501 is no outage: some compatible servers say so where they have no such API. */
function isPassing(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

function parseJson(text: string): any {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
