import { API_TYPES } from './api-types.ts';

/** What a JSON value has to be, in the words of the Kubernetes API's Go types. */
export type TypeSchema =
  | { is: 'scalar'; scalar: Scalar }
  | { is: 'any' }
  | { is: 'list'; of: TypeSchema }
  | { is: 'map'; of: TypeSchema }
  | { is: 'struct'; name: string };

export type Scalar = 'string' | 'integer' | 'number' | 'boolean' | 'bytes' | 'time' | 'microTime' | 'quantity' | 'intOrString';

export type FieldSchema = {
  type: TypeSchema;
  /** Its zero value means something: encoding/json writes it. */
  pointer: boolean;
  /** Written even when it has no value. */
  always: boolean;
  /** `patchStrategy` and `patchMergeKey` of strategic merge patches. */
  patch: { strategy: 'merge' | 'replace' | undefined; retainKeys: boolean; mergeKey: string | undefined };
  /** How server-side apply merges it: `keys` name the items of a list. */
  apply: { as: 'granular' | 'atomic' | 'set' } | { as: 'map'; keys: readonly string[] };
};

export type StructSchema = { name: string; fields: ReadonlyMap<string, FieldSchema> };

/** The fields of a type of the Kubernetes API; throws for a name that the table does not have. */
export function structNamed(name: string): StructSchema {
  const known = READ.get(name);
  if (known !== undefined) return known;
  const words = Object.hasOwn(API_TYPES, name) ? API_TYPES[name] : undefined;
  if (words === undefined) throw new Error(`the table of API types has no ${name}`);
  const struct = { name, fields: new Map(Object.entries(words).map(([field, text]) => [field, parseField(text)])) };
  READ.set(name, struct);
  return struct;
}

/** The types read so far: few commands need more than a handful of them. */
const READ = new Map<string, StructSchema>();

const SCALARS: ReadonlySet<string> = new Set<Scalar>([
  'string',
  'integer',
  'number',
  'boolean',
  'bytes',
  'time',
  'microTime',
  'quantity',
  'intOrString',
]);

function parseField(words: string): FieldSchema {
  const [type, ...traits] = words.split(' ') as [string, ...string[]];
  const { pointer, name, always } = /^(?<pointer>\*?)(?<name>[^!]+)(?<always>!?)$/.exec(type)!.groups!;
  const merge = traits.find((trait) => trait === 'merge' || trait.startsWith('merge='));
  const mergeKey = merge?.split('=')[1];
  const schema = parseType(name!);
  return {
    type: schema,
    pointer: pointer !== '',
    always: always !== '',
    patch: {
      strategy: merge !== undefined ? 'merge' : traits.includes('replace') ? 'replace' : undefined,
      retainKeys: traits.includes('retainKeys'),
      mergeKey,
    },
    apply: parseApply(schema, traits, merge !== undefined, mergeKey),
  };
}

function parseType(name: string): TypeSchema {
  if (name.startsWith('[')) return { is: 'list', of: parseType(name.slice(1, -1)) };
  if (name.startsWith('{')) return { is: 'map', of: parseType(name.slice(1, -1)) };
  if (name === 'any') return { is: 'any' };
  return SCALARS.has(name) ? { is: 'scalar', scalar: name as Scalar } : { is: 'struct', name };
}

/** Lists without a list type go by their patch strategy: k8s.io/kube-openapi/pkg/schemaconv/smd.go. */
function parseApply(type: TypeSchema, traits: string[], merge: boolean, mergeKey: string | undefined): FieldSchema['apply'] {
  if (traits.includes('atomic')) return { as: 'atomic' };
  if (traits.includes('set')) return { as: 'set' };
  const keys = traits.find((trait) => trait.startsWith('keys='))?.slice('keys='.length);
  if (keys !== undefined) return { as: 'map', keys: keys.split(',') };
  if (type.is !== 'list') return { as: 'granular' };
  if (!merge) return { as: 'atomic' };
  return mergeKey === undefined ? { as: 'set' } : { as: 'map', keys: [mergeKey] };
}
