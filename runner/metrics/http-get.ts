export type HttpAnswer = { status: number; body: string };

/** There is no answer to read; `transient` when asking again may bring one. The message names the host and nothing else of the URL. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly transient: boolean;

  constructor(message: string, transient: boolean, options?: ErrorOptions) {
    super(message, options);
    this.transient = transient;
  }
}

/**
 * GET of JSON text, whatever its status; at most `limit` bytes and `timeout` milliseconds [30 s]. Redirects are not followed: the host
 * that was named is the only one asked. Throws HttpFailure, or the signal's reason once that aborted.
 */
export async function httpGet(
  url: URL,
  { limit, timeout = 30_000 }: { limit: number; timeout?: number },
  signal: AbortSignal,
): Promise<HttpAnswer> {
  // Loaded here, because most commands and most trials ask no server.
  const { default: axios } = await import('axios');
  const late = AbortSignal.timeout(timeout);
  try {
    const response = await axios.get(url.href, {
      headers: { Accept: 'application/json' },
      maxRedirects: 0,
      responseType: 'stream',
      signal: AbortSignal.any([signal, late]),
      validateStatus: () => true,
    });
    const body = await readBounded(response.data, limit, url);
    if (response.status >= 300 && response.status < 400)
      throw new HttpFailure(`${url.host} ${redirection(response.headers.location, url)}`, false);
    return { status: response.status, body };
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) throw new HttpFailure(`${url.host} did not answer within ${timeout / 1000} s`, true, { cause: error });
    const code = codeOf(error);
    if (!axios.isAxiosError(error) && !PASSING.has(code)) throw error;
    throw new HttpFailure(`${url.host} cannot be asked: ${code}`, PASSING.has(code), { cause: error });
  }
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

function redirection(location: unknown, url: URL): string {
  const target = typeof location === 'string' && URL.canParse(location, url.href) ? ` to ${new URL(location, url).origin}` : '';
  return `redirects${target}, which is not followed; give the final URL`;
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
