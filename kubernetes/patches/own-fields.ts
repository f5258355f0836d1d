/**
 * Fields of objects that come from outside, by names that come from outside too: only those that the object has itself, so that
 * `__proto__` and `constructor` are names like any other and lead to nothing that other objects share.
 */

/** The value of a field; undefined when the object has none of this name itself. */
export function ownField<Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Gives the object a field of this name, in the place of one that it has. */
export function setOwnField(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
