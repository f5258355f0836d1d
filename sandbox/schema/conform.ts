import { canonicalScalar, GO_TYPES, scalarProblem, ZEROS } from './scalars.ts';
import { structNamed, type FieldSchema, type Scalar, type TypeSchema } from '../../kubernetes/schema/schema.ts';

/** A value of another type than its field's; `message` is encoding/json's. */
export class UnfitValue extends Error {
  override readonly name = 'UnfitValue';
}

/**
 * A value as the API server would give it back: fields in the order of the Go type, without those that the type does not have and
 * without zero values that encoding/json omits; quantities and times in canonical form. `unknown` collects the paths of dropped
 * fields. Throws UnfitValue.
 */
export function conform(value: unknown, struct: string, unknown: string[] = []): any {
  return conformStruct(value, struct, { path: [], unknown, owner: struct, sparse: false }, '');
}

/** The same for a part of an object, such as what somebody applies: nothing is added, and zero values that are given are kept. */
export function conformSparsely(value: unknown, struct: string, unknown: string[] = []): any {
  return conformStruct(value, struct, { path: [], unknown, owner: struct, sparse: true }, '');
}

/** Where in the object we are: `path` with list indices, for unknown fields. */
type Place = { path: readonly string[]; unknown: string[]; owner: string; sparse: boolean };

function conformType(value: unknown, type: TypeSchema, place: Place, field: string): unknown {
  switch (type.is) {
    case 'any':
      return value;
    case 'scalar':
      return conformScalar(value, type.scalar, place, field);
    case 'struct':
      return conformStruct(value, type.name, place, field);
    case 'map':
      return conformMap(value, type.of, place, field);
    case 'list':
      return conformList(value, type.of, place, field);
  }
}

function conformStruct(value: unknown, name: string, place: Place, field: string): Record<string, unknown> {
  const { fields } = structNamed(name);
  const given = asObject(value, name, place, field);
  const result: Record<string, unknown> = {};
  for (const [key, schema] of fields) {
    const conformed = conformField(given[key], schema, { ...place, path: [...place.path, key], owner: name }, dotted(field, key));
    if (conformed !== undefined) result[key] = conformed;
  }
  for (const key of Object.keys(given)) {
    if (!fields.has(key)) place.unknown.push(pathText([...place.path, key]));
  }
  return result;
}

/** undefined when encoding/json leaves it out. */
function conformField(value: unknown, { type, pointer, always }: FieldSchema, place: Place, field: string): unknown {
  if (value === undefined || value === null) return always && !place.sparse ? zeroOf(type, place, field) : undefined;
  const conformed = conformType(value, type, place, field);
  return pointer || always || place.sparse || !isZero(conformed) ? conformed : undefined;
}

/** What encoding/json writes for a field that was not given. */
function zeroOf(type: TypeSchema, place: Place, field: string): unknown {
  switch (type.is) {
    case 'struct':
      return conformStruct({}, type.name, place, field);
    case 'scalar':
      return ZEROS[type.scalar];
    default:
      return null;
  }
}

function isZero(value: unknown): boolean {
  if (typeof value === 'object') return value === null || Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

function conformMap(value: unknown, of: TypeSchema, place: Place, field: string): unknown {
  const entries = Object.entries(asObject(value, goType({ is: 'map', of }), place, field));
  // encoding/json writes maps in the order of their keys.
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([key, item]) => {
      const within = { ...place, path: [...place.path, key] };
      return [key, item === null ? zeroOf(of, within, field) : conformType(item, of, within, field)];
    }),
  );
}

function conformList(value: unknown, of: TypeSchema, place: Place, field: string): unknown {
  if (!Array.isArray(value)) throw unfit(value, `[]${goType(of)}`, place, field);
  return value.map((item, index) => {
    const within = { ...place, path: [...place.path, `[${index}]`] };
    return item === null ? zeroOf(of, within, field) : conformType(item, of, within, field);
  });
}

function conformScalar(value: unknown, scalar: Scalar, place: Place, field: string): unknown {
  const conformed = canonicalScalar(value, scalar);
  if (conformed !== undefined) return conformed;
  const own = scalarProblem(value, scalar);
  throw own === undefined ? unfit(value, goType({ is: 'scalar', scalar }), place, field) : new UnfitValue(own);
}

function asObject(value: unknown, name: string, place: Place, field: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unfit(value, name, place, field);
  return value as Record<string, unknown>;
}

function unfit(value: unknown, expected: string, { owner }: Place, field: string): UnfitValue {
  return new UnfitValue(`json: cannot unmarshal ${jsonType(value)} into Go struct field ${owner}.${field} of type ${expected}`);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goType(type: TypeSchema): string {
  switch (type.is) {
    case 'scalar':
      return GO_TYPES[type.scalar];
    case 'struct':
      return `v1.${type.name}`;
    case 'list':
      return `[]${goType(type.of)}`;
    case 'map':
      return `map[string]${goType(type.of)}`;
    case 'any':
      return 'interface {}';
  }
}

function dotted(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`;
}

function pathText(path: readonly string[]): string {
  return path.join('.').replaceAll('.[', '[');
}
