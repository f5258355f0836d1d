import { apiVersionOf } from './api-version.ts';
import { rulesOf } from './registry/kind-rules.ts';
import { isScalable } from './routes/scale.ts';
import type { ServedKind } from './store.ts';

/** What the sandbox says it is; its rules are those of this Kubernetes. */
const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3+sandbox',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};

/** The body of a path that is about the API rather than about objects; undefined for any other path. */
export function discover(kinds: readonly ServedKind[], path: string): unknown {
  const parts = path.split('/').slice(1);
  if (path === '/version') return VERSION;
  if (path === '/openapi/v3') return openApiPaths(kinds);
  if (parts[0] === 'openapi' && parts[1] === 'v3') return openApiOf(kinds, parts.slice(2));
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis')
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(kinds).map((group) => describeGroup(kinds, group)) };
  if (parts[0] === 'api' && parts.length === 2) return resourceList(kinds, '', parts[1]!);
  if (parts[0] === 'apis' && parts.length === 3) return resourceList(kinds, parts[1]!, parts[2]!);
  if (parts[0] === 'apis' && parts.length === 2 && groupsOf(kinds).includes(parts[1]!)) {
    return { apiVersion: 'v1', ...describeGroup(kinds, parts[1]!) };
  }
  return undefined;
}

/** Reviews are created and never stored. */
const REVIEWS = [
  { group: 'authentication.k8s.io', version: 'v1', name: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
  { group: 'authorization.k8s.io', version: 'v1', name: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
  { group: 'authorization.k8s.io', version: 'v1', name: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview' },
];

function groupsOf(kinds: readonly ServedKind[]): string[] {
  return [...new Set([...kinds, ...REVIEWS].map(({ group }) => group))].filter((group) => group !== '').sort();
}

function describeGroup(kinds: readonly ServedKind[], name: string) {
  const served = new Set([...kinds, ...REVIEWS].filter(({ group }) => group === name).map(({ version }) => version));
  const versions = [...served].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { kind: 'APIGroup', name, versions, preferredVersion: versions[0] };
}

function resourceList(kinds: readonly ServedKind[], group: string, version: string): unknown {
  const isHere = (each: { group: string; version: string }) => each.group === group && each.version === version;
  const resources = [
    ...kinds.filter(isHere).flatMap(describeResource),
    ...REVIEWS.filter(isHere).map(({ name, kind }) => ({ name, singularName: '', namespaced: false, kind, verbs: ['create'] })),
  ];
  if (resources.length === 0) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SHOWN_BY_ALL = ['Pod', 'Service', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'];

function describeResource(kind: ServedKind) {
  const { plural, namespaced, shortNames } = kind;
  const subresource = (name: string, verbs: string[], more = {}) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind: kind.kind,
    verbs,
    ...more,
  });
  return [
    {
      name: plural,
      singularName: kind.kind.toLowerCase(),
      namespaced,
      kind: kind.kind,
      verbs: VERBS,
      ...(shortNames.length > 0 && { shortNames }),
      ...(SHOWN_BY_ALL.includes(kind.kind) && rulesOf(kind).schema !== undefined && { categories: ['all'] }),
    },
    ...(kind.status ? [subresource('status', ['get', 'patch', 'update'])] : []),
    ...(isScalable(kind) ? [subresource('scale', ['get', 'patch', 'update'], { group: 'autoscaling', version: 'v1', kind: 'Scale' })] : []),
    ...(plural === 'pods' && kind.group === '' ? [subresource('log', ['get'])] : []),
    ...(plural === 'namespaces' && kind.group === '' ? [subresource('finalize', ['update'])] : []),
  ];
}

function rootOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function openApiPaths(kinds: readonly ServedKind[]): unknown {
  const roots = [...new Set(kinds.map(rootOf))];
  return { paths: Object.fromEntries(roots.map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}?hash=sandbox` }])) };
}

/** No schemas: just enough for kubectl to learn that the server itself looks at the fields. */
function openApiOf(kinds: readonly ServedKind[], parts: readonly string[]): unknown {
  const root = parts.join('/');
  const here = kinds.filter((kind) => rootOf(kind) === root);
  if (here.length === 0) return undefined;
  const paths = here.map(({ group, version, kind, plural, namespaced }) => {
    const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
    const operation = { parameters, responses: {}, 'x-kubernetes-group-version-kind': { group, version, kind } };
    return [`/${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`, { patch: operation, put: operation }];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION.gitVersion },
    paths: Object.fromEntries(paths),
    components: { schemas: {} },
  };
}
