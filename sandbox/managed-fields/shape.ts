import { structNamed, type FieldSchema, type TypeSchema } from '../../kubernetes/schema/schema.ts';

/** How server-side apply sees a value: which parts of it can have owners of their own. */
export type Shape =
  | { is: 'leaf' }
  | { is: 'struct'; fields: ReadonlyMap<string, FieldSchema> }
  | { is: 'map'; of: Shape }
  | { is: 'list'; keys: readonly string[]; of: Shape }
  | { is: 'set' }
  /** Without a schema: objects have parts, lists have none. */
  | { is: 'untyped' };

export type Part = { element: string; value: unknown; shape: Shape; isNamed: boolean };

const LEAF: Shape = { is: 'leaf' };
const UNTYPED: Shape = { is: 'untyped' };

/** Of the objects of a kind: the name of its type in the table of API types, or undefined for a custom resource. */
export function objectShape(schema: string | undefined): Shape {
  if (schema !== undefined) return { is: 'struct', fields: structNamed(schema).fields };
  const metadata: FieldSchema = {
    type: { is: 'struct', name: 'ObjectMeta' },
    pointer: false,
    always: true,
    patch: { strategy: undefined, retainKeys: false, mergeKey: undefined },
    apply: { as: 'granular' },
  };
  return { is: 'struct', fields: new Map([['metadata', metadata]]) };
}

/** The parts of a value that can have owners; undefined when it has none itself and counts as a whole. */
export function partsOf(value: unknown, shape: Shape): Part[] | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  switch (shape.is) {
    case 'leaf':
      return undefined;
    case 'set':
      return asArray(value).map((item) => ({ element: `v:${JSON.stringify(item)}`, value: item, shape: LEAF, isNamed: false }));
    case 'list':
      return asArray(value).map((item) => ({ element: keyElement(item, shape.keys), value: item, shape: shape.of, isNamed: false }));
    default:
      return Array.isArray(value) ? undefined : Object.entries(value).map(([key, item]) => fieldPart(key, item, shape));
  }
}

/** Whether a path element of a list's or set's shape stands for this item. */
export function keyElement(item: any, keys: readonly string[]): string {
  const pairs = keys.toSorted().map((key): [string, unknown] => [key, item?.[key] ?? KEY_DEFAULTS[key]]);
  return `k:${JSON.stringify(Object.fromEntries(pairs.filter(([, value]) => value !== undefined)))}`;
}

/** Keys that may be left out of an item. */
const KEY_DEFAULTS: Record<string, unknown> = { protocol: 'TCP' };

function fieldPart(key: string, value: unknown, shape: Exclude<Shape, { is: 'leaf' | 'set' | 'list' }>): Part {
  const element = `f:${key}`;
  if (shape.is === 'map') return { element, value, shape: shape.of, isNamed: false };
  const field = shape.is === 'struct' ? shape.fields.get(key) : undefined;
  return field === undefined
    ? { element, value, shape: UNTYPED, isNamed: false }
    : { element, value, shape: fieldShape(field), isNamed: true };
}

function fieldShape({ type, apply }: FieldSchema): Shape {
  if (apply.as === 'atomic') return LEAF;
  if (apply.as === 'set') return { is: 'set' };
  if (type.is === 'list') return apply.as === 'map' ? { is: 'list', keys: apply.keys, of: typeShape(type.of) } : LEAF;
  return typeShape(type);
}

function typeShape(type: TypeSchema): Shape {
  switch (type.is) {
    case 'struct':
      return { is: 'struct', fields: structNamed(type.name).fields };
    case 'map':
      return { is: 'map', of: typeShape(type.of) };
    case 'any':
      return UNTYPED;
    default:
      return LEAF;
  }
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
