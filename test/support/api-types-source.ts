import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the table is committed. */
export const API_TYPES_PATH = fileURLToPath(new URL('../../kubernetes/schema/api-types.ts', import.meta.url));

/** The Go modules whose versions are those of the Kubernetes that tests run. */
const MODULES = fileURLToPath(new URL('../cluster/harness/tools/kubernetes', import.meta.url));

/** The kinds whose fields are known; those of a group version are in the Go package of that path. */
const ROOTS: Record<string, string> = {
  'k8s.io/api/core/v1':
    'ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod ReplicationController ResourceQuota Secret Service ServiceAccount',
  'k8s.io/api/apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'k8s.io/api/autoscaling/v1': 'Scale',
  'k8s.io/api/autoscaling/v2': 'HorizontalPodAutoscaler',
  'k8s.io/api/batch/v1': 'CronJob Job',
  'k8s.io/api/coordination/v1': 'Lease',
  'k8s.io/api/discovery/v1': 'EndpointSlice',
  'k8s.io/api/networking/v1': 'Ingress NetworkPolicy',
  'k8s.io/api/policy/v1': 'PodDisruptionBudget',
  'k8s.io/api/rbac/v1': 'ClusterRole ClusterRoleBinding Role RoleBinding',
  'k8s.io/api/scheduling/v1': 'PriorityClass',
  'k8s.io/api/storage/v1': 'StorageClass',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1': 'CustomResourceDefinition',
  'k8s.io/apimachinery/pkg/apis/meta/v1': 'DeleteOptions',
};

/** Types with an encoding of their own. */
const ENCODINGS: Record<string, string> = {
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'time',
  'k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime': 'microTime',
  'k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1': 'any',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'intOrString',
  'k8s.io/apimachinery/pkg/types.UID': 'string',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'any',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaProps': 'any',
};

const SCALARS: Record<string, string> = {
  string: 'string',
  bool: 'boolean',
  int: 'integer',
  int32: 'integer',
  int64: 'integer',
  float64: 'number',
  '[]byte': 'bytes',
};

type Struct = { atomic: boolean; lines: string[] };
type Package = { path: string; structs: Map<string, Struct>; aliases: Map<string, string>; imports: Map<string, string> };

/** The text of kubernetes/schema/api-types.ts, taken from the Go types of the Kubernetes API, which the Go module cache must have. */
export function apiTypesSource(): string {
  const packages = new Map<string, Package>();
  const load = (path: string) => packages.get(path) ?? remember(packages, path, readPackage(path));
  const tables = new Map<string, Record<string, string>>();
  const homes = new Map<string, string>();

  /** The table's word for a Go type, as seen from a package; its struct, and all that holds, are written on the way. */
  const wordFor = (type: string, from: Package): { word: string; atomic: boolean } => {
    if (type in SCALARS) return { word: SCALARS[type]!, atomic: false };
    if (type.startsWith('*')) return wordFor(type.slice(1), from);
    if (type.startsWith('[]')) return { word: `[${wordFor(type.slice(2), from).word}]`, atomic: false };
    const map = /^map\[[^\]]+\](.*)$/.exec(type);
    if (map !== null) return { word: `{${wordFor(map[1]!, from).word}}`, atomic: false };

    const [, alias, name] = /^(?:(\w+)\.)?(\w+)$/.exec(type)!;
    const path = alias === undefined ? from.path : from.imports.get(alias)!;
    const encoding = ENCODINGS[`${path}.${name}`];
    if (encoding !== undefined) return { word: encoding, atomic: false };
    const home = load(path);
    const aliased = home.aliases.get(name!);
    if (aliased !== undefined) return wordFor(aliased, home);

    // Some names are those of types in two packages.
    const word = homes.get(name!) === undefined || homes.get(name!) === path ? name! : `${path.split('/').at(-2)}_${name}`;
    homes.set(word, path);
    const struct = home.structs.get(name!);
    if (struct === undefined) throw new Error(`${path} has no type ${name}`);
    if (!tables.has(word)) writeStruct(word, struct, home);
    return { word, atomic: struct.atomic };
  };

  const writeStruct = (word: string, struct: Struct, home: Package) => {
    const fields: Record<string, string> = {};
    tables.set(word, fields);
    addFields(fields, struct, home);
  };

  const addFields = (fields: Record<string, string>, struct: Struct, home: Package): void => {
    let markers = new Map<string, string>();
    for (const line of struct.lines) {
      const marker = /^\t\/\/ \+(\w+)=(\S+)/.exec(line);
      if (marker !== null) {
        const [, name, value] = marker as unknown as [string, string, string];
        markers.set(name, name === 'listMapKey' && markers.has(name) ? `${markers.get(name)},${value}` : value);
        continue;
      }
      const field = /^\t(?:(\w+) +)?([\w.*[\]]+) +`(.*)`/.exec(line);
      if (field === null) continue;
      const [, , type, tags] = field as unknown as [string, string | undefined, string, string];
      const [name, ...options] = (/json:"([^"]*)"/.exec(tags)?.[1] ?? '').split(',') as [string, ...string[]];
      if (options.includes('inline')) inline(fields, type, home);
      else if (name !== '-' && name !== '') fields[name] = fieldWord(type, tags, options, markers, home);
      markers = new Map();
    }
  };

  const inline = (fields: Record<string, string>, type: string, home: Package) => {
    const [, alias, name] = /^\*?(?:(\w+)\.)?(\w+)$/.exec(type)!;
    const other = load(alias === undefined ? home.path : home.imports.get(alias)!);
    addFields(fields, other.structs.get(name!)!, other);
  };

  const fieldWord = (type: string, tags: string, options: string[], markers: Map<string, string>, home: Package) => {
    const { word, atomic } = wordFor(type, home);
    const always = !options.includes('omitempty') && !options.includes('omitzero') && !type.startsWith('*');
    // encoding/json never omits a struct that is not behind a pointer.
    const isStructValue = !/^(\*|\[\]|map\[)/.test(type) && !options.includes('omitzero') && isStruct(word);
    const strategy = /patchStrategy:"([^"]*)"/.exec(tags)?.[1]?.split(',') ?? [];
    const mergeKey = /patchMergeKey:"([^"]*)"/.exec(tags)?.[1];
    const listType = markers.get('listType');
    return [
      `${type.startsWith('*') ? '*' : ''}${word}${always || isStructValue ? '!' : ''}`,
      strategy.includes('merge') ? `merge${mergeKey === undefined ? '' : `=${mergeKey}`}` : '',
      strategy.includes('replace') ? 'replace' : '',
      strategy.includes('retainKeys') ? 'retainKeys' : '',
      listType === 'map' ? `keys=${markers.get('listMapKey')}` : '',
      listType === 'set' ? 'set' : '',
      listType === 'atomic' || markers.get('mapType') === 'atomic' || isAtomic(atomic, markers) ? 'atomic' : '',
    ]
      .filter((part) => part !== '')
      .join(' ');
  };

  const roots = Object.entries(ROOTS).flatMap(([path, kinds]) =>
    kinds.split(' ').map((kind): [string, string] => [kind, wordFor(kind, load(path)).word]),
  );
  for (const [kind, word] of roots) if (kind !== word) throw new Error(`the kind ${kind} cannot be called ${word}`);
  const sorted = [...tables].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${HEADER}${sorted.map(([name, fields]) => writeTable(name, fields)).join('')}};\n`;
}

const HEADER = `// Generated by \`node test/support/api-types-source.ts\` from k8s.io/api, k8s.io/apimachinery and k8s.io/apiextensions-apiserver; a test
// of the cluster level keeps it equal to them.

/**
 * The JSON fields of the Kubernetes API's types, as schema.ts reads them. A field is a type and what distinguishes it:
 * \`string\`, \`integer\`, \`number\`, \`boolean\`, \`bytes\`, \`time\`, \`microTime\`, \`quantity\`, \`intOrString\`, \`any\`, a type of the
 * table, \`[type]\` for a list, \`{type}\` for a map; \`*\` before it for a pointer, whose zero value is kept, \`!\` after it for a field
 * that is always written; then \`merge\`, \`merge=key\`, \`replace\` and \`retainKeys\` of strategic merge patches, and \`keys=…\`, \`set\` and
 * \`atomic\` of server-side apply.
 */
export const API_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
`;

function writeTable(name: string, fields: Record<string, string>): string {
  const entries = Object.entries(fields).map(([field, word]) => `${/^\w+$/.test(field) ? field : `'${field}'`}: '${word}'`);
  const line = entries.length === 0 ? `  ${name}: {},\n` : `  ${name}: { ${entries.join(', ')} },\n`;
  return line.length <= 140 ? line : `  ${name}: {\n${entries.map((entry) => `    ${entry},\n`).join('')}  },\n`;
}

function isStruct(word: string): boolean {
  return /^[A-Z]|_[A-Z]/.test(word) || ['time', 'microTime', 'quantity', 'intOrString'].includes(word);
}

function isAtomic(atomic: boolean, markers: Map<string, string>): boolean {
  return markers.get('structType') === 'granular' ? false : atomic || markers.get('structType') === 'atomic';
}

function remember(packages: Map<string, Package>, path: string, read: Package): Package {
  packages.set(path, read);
  return read;
}

function readPackage(path: string): Package {
  const folder = execFileSync('go', ['list', '-f', '{{.Dir}}', path], { cwd: MODULES, encoding: 'utf8' }).trim();
  const result: Package = { path, structs: new Map(), aliases: new Map(), imports: new Map() };
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.go') || /_test\.go$|^zz_|generated|swagger_doc/.test(file)) continue;
    readFile(readFileSync(join(folder, file), 'utf8'), result);
  }
  return result;
}

function readFile(text: string, { structs, aliases, imports }: Package): void {
  for (const [, alias, path] of text.matchAll(/^(?:import|\t)\s*(\w+)? ?"(k8s\.io[^"]+)"$/gm)) {
    imports.set(alias ?? path!.split('/').at(-1)!, path!);
  }
  for (const [, comment, name, body] of text.matchAll(/((?:^\/\/.*\n)*)^type (\w+) struct ?\{(\}|\n[^]*?^\})/gm)) {
    structs.set(name!, { atomic: /^\/\/ \+structType=atomic/m.test(comment!), lines: body!.split('\n') });
  }
  for (const [, name, type] of text.matchAll(/^(?:type|\t)? ?(\w+) +((?:\[\]|map\[\w+\])?[\w.]+)$/gm)) {
    if (!structs.has(name!) && type !== 'struct' && new RegExp(`^type ${name} `, 'm').test(text)) aliases.set(name!, type!);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(API_TYPES_PATH, apiTypesSource());
