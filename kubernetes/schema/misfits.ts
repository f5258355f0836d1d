import { structNamed, type Scalar, type TypeSchema } from './schema.ts';

type Path = readonly (string | number)[];

export type Misfit = { path: Path; message: string };

/**
 * Where a strategic merge patch is not of the type that it is for: values of another type, and fields that the type does not have, which
 * the API server would refuse or drop. Directives (`$patch` and the like) and nulls are no values.
 */
export function misfits(patch: unknown, struct: string): Misfit[] {
  return within(patch, { is: 'struct', name: struct }, []);
}

function within(value: unknown, type: TypeSchema, path: Path): Misfit[] {
  if (value === null || type.is === 'any') return [];
  if (type.is === 'scalar')
    return isOf(value, type.scalar) ? [] : [{ path, message: `is ${shown(value)}, ${WANTED[type.scalar] ?? WANTED.number}` }];
  if (type.is === 'list') {
    if (!Array.isArray(value)) return [{ path, message: `is ${shown(value)}, not a list` }];
    return value.flatMap((item, index) => within(item, type.of, [...path, index]));
  }
  if (typeof value !== 'object' || Array.isArray(value)) return [{ path, message: `is ${shown(value)}, not a mapping` }];
  const fields = type.is === 'struct' ? structNamed(type.name).fields : undefined;
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key.startsWith('$')) return [];
    const field = fields === undefined ? (type as { of: TypeSchema }).of : fields.get(key)?.type;
    return field === undefined ? [{ path: [...path, key], message: 'is no field that it has' }] : within(inner, field, [...path, key]);
  });
}

const TEXT = 'where text is wanted; put it in quotes';
const WANTED: Partial<Record<Scalar, string>> & { number: string } = {
  string: TEXT,
  bytes: TEXT,
  time: TEXT,
  microTime: TEXT,
  boolean: 'not true or false',
  number: 'not a number',
};

/** Quantities and ports may be numbers as well as text. */
function isOf(value: unknown, scalar: Scalar): boolean {
  switch (scalar) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'quantity':
    case 'intOrString':
      return typeof value === 'number' || typeof value === 'string';
    default:
      return typeof value === 'string';
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `the ${typeof value} ${JSON.stringify(value)}`;
}
