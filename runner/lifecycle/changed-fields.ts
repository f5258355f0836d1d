import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../cluster/port.ts';
import { canonicalJson } from '../model/canonical-json.ts';

/** From an object's root to one of its fields: keys, and items of a list by their name. */
export type FieldPath = readonly (string | { name: string })[];

/** `undefined` is a field that is not there. */
export type ChangedField = { path: FieldPath; before: unknown; after: unknown };

/** What the server or a controller keeps for itself. */
const BOOKKEEPING = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'deletionTimestamp', 'selfLink'];

/**
 * The fields that differ between two states of one object, status and bookkeeping aside. Mappings are looked into, and lists whose items
 * all have a name of their own, such as containers and variables; any other list is one value, and so is one whose items change places:
 * a variable may refer to those before it, and init containers run in their order.
 */
export function changedFields(before: KubeObject, after: KubeObject): ChangedField[] {
  return compare(content(before), content(after), []);
}

export function valueAt(object: unknown, path: FieldPath): unknown {
  return path.reduce(valueWithin, object);
}

/** The names of the items that come before it, where a path leads to an item of a list. */
export function namesBefore(object: unknown, path: FieldPath): string[] | undefined {
  const last = path.at(-1);
  const items = valueAt(object, path.slice(0, -1));
  if (last === undefined || typeof last === 'string' || !isNamed(items)) return undefined;
  const names = items.map(({ name }) => name);
  return names.slice(0, Math.max(0, names.indexOf(last.name)));
}

/**
 * The object with another value there, or without the field when it is `undefined`; what is not there on the way is made. An item that
 * its list does not have comes behind the last of those named in `behind`, or first where there is none of them. Default: last.
 */
export function withValueAt<Value>(object: Value, path: FieldPath, value: unknown, behind?: readonly string[]): Value {
  const [step, ...rest] = path;
  if (step === undefined) return value as Value;
  if (typeof step === 'string') {
    const { [step]: old, ...others } = (object ?? {}) as Record<string, unknown>;
    const inner = withValueAt(old, rest, value, behind);
    return (inner === undefined ? others : { ...object, [step]: inner }) as Value;
  }
  const items = (object ?? []) as { name: string }[];
  const old = items.find(({ name }) => name === step.name);
  const inner = withValueAt(old ?? (rest.length > 0 ? step : undefined), rest, value, behind);
  if (inner === undefined) return items.filter((item) => item !== old) as Value;
  if (old !== undefined) return items.map((item) => (item === old ? inner : item)) as Value;
  const isLast = behind === undefined || rest.length > 0;
  const place = isLast ? items.length : items.findLastIndex(({ name }) => behind.includes(name)) + 1;
  return items.toSpliced(place, 0, inner) as Value;
}

/** Where a JSON pointer (RFC 6901) leads; to the list itself where that is one value, or where the pointer is its end. */
export function pathOfPointer(object: unknown, pointer: string): FieldPath {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<{ path: FieldPath; value: unknown; ended: boolean }>(
    ({ path, value, ended }, step) => {
      if (ended) return { path, value, ended };
      if (!Array.isArray(value)) return { path: [...path, step], value: valueWithin(value, step), ended };
      const item: unknown = value[Number(step)];
      if (item === undefined || !isNamed(value)) return { path, value, ended: true };
      return { path: [...path, { name: (item as { name: string }).name }], value: item, ended };
    },
    { path: [], value: object, ended: false },
  ).path;
}

/** Tells whether a value is still the same without keeping it: 32 hexadecimal digits, or `-` for none. */
export function fingerprint(value: unknown): string {
  return value === undefined ? '-' : createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}

/** `spec.template.spec.containers[app].image`. */
export function formatFieldPath(path: FieldPath): string {
  return path
    .map((step) => (typeof step !== 'string' ? `[${step.name}]` : /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
    .join('')
    .replace(/^\./, '');
}

function content({ apiVersion: _apiVersion, kind: _kind, status: _status, metadata, ...fields }: KubeObject): unknown {
  return { ...fields, metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !BOOKKEEPING.includes(key))) };
}

function compare(before: unknown, after: unknown, path: FieldPath): ChangedField[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMapping(before) && isMapping(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => compare(before[key], after[key], [...path, key]));
  }
  if (isNamed(before) && isNamed(after) && isSameOrder(before, after)) {
    const names = new Set([...before, ...after].map(({ name }) => name));
    return [...names].flatMap((name) => compare(valueWithin(before, { name }), valueWithin(after, { name }), [...path, { name }]));
  }
  return [{ path, before, after }];
}

function valueWithin(value: any, step: FieldPath[number]): unknown {
  if (typeof step === 'string') return isMapping(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return Array.isArray(value) ? value.find((item) => item?.name === step.name) : undefined;
}

/** Of the items that both have. */
function isSameOrder(before: { name: string }[], after: { name: string }[]): boolean {
  const [old, now] = [before, after].map((items) => items.map(({ name }) => name)) as [string[], string[]];
  return isDeepStrictEqual(
    old.filter((name) => now.includes(name)),
    now.filter((name) => old.includes(name)),
  );
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is { name: string }[] {
  if (!Array.isArray(value) || !value.every((item) => isMapping(item) && typeof item['name'] === 'string')) return false;
  return new Set(value.map(({ name }) => name)).size === value.length;
}
