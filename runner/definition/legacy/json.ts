import type { JsonObject } from '../../model/experiment.ts';
import { escapeText } from '../../template/go/text.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one where the user wrote something else, which the schema then tells. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** `null` is to the ancestor what an absent field is. */
export function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
}

/** The object without these fields. */
export function omit(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** A text or a number as text; `''` for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Text that the ancestor took as it was, where ours would take `{{` for an expression. */
export function literalTexts(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
  if (Array.isArray(value)) return value.map(literalTexts);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [escapeText(key), literalTexts(item)]));
}
