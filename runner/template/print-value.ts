import { describeValue } from './describe-value.ts';
import { TemplateError } from './template-error.ts';

/**
 * A value as template text: strings as they are, numbers and booleans as JSON writes them, dates in RFC 3339 UTC.
 * Throws TemplateError for null, for numbers that are not finite, and for lists and objects, which only `json` prints.
 */
export function printValue(value: unknown, name = 'the value'): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  const what = `${name} is ${describeValue(value)}`;
  if (typeof value === 'object' && value !== null) throw new TemplateError(`${what}; print it with {{json …}}`);
  throw new TemplateError(`${what}, which has no text; print it with {{json …}} or leave it out with {{#if …}}`);
}
