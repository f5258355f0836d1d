import type { RenderedPatch } from '../model/trial.ts';
import { redactor } from '../progress/redact.ts';

/**
 * The API server's words about a patch, which are recorded. Those about a Secret are without what it was to hold, which a server, or an
 * admission webhook, may repeat.
 */
export function refusalWords({ target, body }: Pick<RenderedPatch, 'target' | 'body'>, { message }: Error): string {
  return target.apiVersion === 'v1' && target.kind === 'Secret' ? redactor(textsOf(contentOf(body)))(message) : message;
}

/** What stands under `data` and `stringData`, or is set by a JSON patch (RFC 6902). */
function contentOf(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(({ value }: { value?: unknown }) => value);
  const { data, stringData } = (body ?? {}) as { data?: unknown; stringData?: unknown };
  return [data, stringData];
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, Buffer.from(value, 'base64').toString()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
