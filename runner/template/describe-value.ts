const LONGEST = 40;

/** How a message shows a value: a scalar as it would be written, cut at 40 characters; a list or an object by its kind. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (value instanceof Date) return 'a date';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
