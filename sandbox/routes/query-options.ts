import { badRequest } from '../status-errors.ts';

/**
 * Parameters of a query as Go's types take them: k8s.io/apimachinery/pkg/runtime/conversion.go. The first of several of the same name
 * counts.
 */

/** Everything but `0` and `false`, in whatever case, is true, also nothing; undefined when the query says nothing of it. */
export function booleanOption(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  return text === null ? undefined : text !== '0' && text.toLowerCase() !== 'false';
}

/** A decimal integer of 64 bits; undefined when the query says nothing of it. Throws StatusError 400 for anything else, also nothing. */
export function integerOption(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(value);
}
