import { redactor } from '../progress/redact.ts';

/**
 * Masks in the server's words what a request was to write into a Secret: the API server and admission webhooks may repeat it in a refusal,
 * which is recorded. Words about anything else stay.
 */
export function withoutSecretContent({ resource, body }: { resource?: string; body?: unknown }): (words: string) => string {
  return resource === 'secrets' ? redactor(textsOf(contentOf(body))) : (words) => words;
}

/** What stands under `data` and `stringData`, or is set by a JSON patch (RFC 6902). */
function contentOf(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(({ value }: { value?: unknown }) => value);
  const { data, stringData } = (body ?? {}) as { data?: unknown; stringData?: unknown };
  return [data, stringData];
}

/** Values under `data` are base64, and may be repeated as what they stand for. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, Buffer.from(value, 'base64').toString()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
