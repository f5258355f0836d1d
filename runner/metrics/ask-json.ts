import type { MetricAccess } from './access/metric-access.ts';
import { cutAnswer } from './cut-answer.ts';
import { httpAsk, HttpFailure, type HttpRequest } from './http-ask.ts';

export type Answer<Data = any> =
  | { status: 'Success'; data: Data; raw: string }
  /** Asking the same again brings the same. */
  | { status: 'Refused'; message: string; raw?: string }
  /** May answer later; `pause` (milliseconds) is when the other side says so. */
  | { status: 'Unavailable'; message: string; pause?: number };

/**
 * One request whose answer is JSON with status 200: 429 and 5xx, as well as no answer at all, are Unavailable, everything else is
 * Refused. `explain` finds the other side's own words in a refusal.
 */
export async function askJson(
  request: HttpRequest,
  explain: (document: any) => unknown,
  access: MetricAccess,
  signal: AbortSignal,
): Promise<Answer> {
  const { host } = request.url;
  try {
    const { status, body, pause } = await httpAsk(request, access, signal);
    const document = parseJson(body);
    const raw = cutAnswer(body);
    if (status === 200)
      return document === undefined
        ? { status: 'Refused', message: `${host} does not answer with JSON`, raw }
        : { status: 'Success', data: document, raw };
    const words = document === undefined ? undefined : explain(document);
    const message = `${host} answered ${status}${typeof words === 'string' ? `: ${words}` : ''}`;
    return isPassing(status)
      ? { status: 'Unavailable', message, ...(pause !== undefined && { pause }) }
      : { status: 'Refused', message, raw };
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return { status: error.transient ? 'Unavailable' : 'Refused', message: error.message };
  }
}

/** 501 is no outage: some servers say so where they have no such API. */
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

/** What is still missing after such an answer. */
export function outageOf({ message, pause }: Extract<Answer, { status: 'Unavailable' }>) {
  return { missing: message, transient: true, ...(pause !== undefined && { pause }) };
}
