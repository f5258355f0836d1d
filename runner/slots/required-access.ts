import type { AccessRule } from '../cluster/access.ts';
import { ClusterError } from '../cluster/errors.ts';
import { parseApiVersion, type FindResource, type Resource } from '../cluster/kinds.ts';
import { isAwaited } from '../lifecycle/is-awaited.ts';
import { mountedConfigMaps } from '../lifecycle/mounted-config-maps.ts';
import type { Experiment } from '../model/experiment.ts';
import type { RenderedTrial } from '../model/trial.ts';

type Kind = { apiVersion: string; kind: string };

/** What the runner does in its own namespace: one Lease per experiment. */
export const OWN_ACCESS: readonly AccessRule[] = verbs('coordination.k8s.io', 'leases', ['get', 'create', 'update']);

/** What every trial takes in its slot. */
export const BASIC_ACCESS: readonly AccessRule[] = [
  ...verbs('coordination.k8s.io', 'leases', ['get', 'create', 'update']),
  ...verbs('batch', 'jobs', ['get', 'create', 'delete', 'list', 'watch']),
  ...verbs('', 'pods', ['list', 'watch']),
  ...verbs('', 'pods/log', ['get']),
  ...verbs('', 'events', ['list']),
];

/** What a namespaceSelector takes where no slots are listed. */
export const SELECTOR_ACCESS: readonly AccessRule[] = [{ apiGroup: '', resource: 'namespaces', verb: 'list', clusterWide: true }];

/**
 * What it takes to see whether a namespace fits an experiment. A Role in the namespace grants it: the API server takes a namespace's name
 * for the namespace of a request about it (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go). One that may have to be made has no
 * Role yet.
 */
export function lookAccess({ namespaceTemplate }: Pick<Experiment, 'namespaceTemplate'>): AccessRule {
  const rule: AccessRule = { apiGroup: '', resource: 'namespaces', verb: 'get' };
  return namespaceTemplate === undefined ? rule : { ...rule, clusterWide: true };
}

/** What a kind would take that the cluster does not know, if it is named as most are, and why that is not known. */
export type GuessedAccess = { rules: AccessRule[]; why: string };

export type RequiredAccess = { rules: AccessRule[]; guesses: GuessedAccess[] };

/**
 * Every verb that a trial of this shape uses in its slot, so that a missing one is found before hours are spent. Plurals and scopes of
 * custom kinds are the cluster's to say. It may not know a kind yet whose CustomResourceDefinition a setup task installs: what that takes
 * is a guess, in a namespace, by which nothing can be refused.
 */
export async function requiredAccess(sample: RenderedTrial, findResource: FindResource, signal: AbortSignal): Promise<RequiredAccess> {
  const deployments = [...sample.patches.map(({ target }) => target), ...sample.readinessGates].some(({ kind }) => kind === 'Deployment');
  const rules = [
    ...BASIC_ACCESS,
    ...(writesConfigMaps(sample) ? verbs('', 'configmaps', ['get', 'create', 'delete']) : []),
    ...(sample.setup?.create && mountedConfigMaps(sample.setup.create).length > 0 ? verbs('', 'configmaps', ['get']) : []),
    ...(deployments ? verbs('apps', 'replicasets', ['list']) : []),
  ];
  const guesses: GuessedAccess[] = [];
  // One after another: the first of a group brings the others along.
  for (const [first, ...others] of Map.groupBy(usesOf(sample), ({ apiVersion, kind }) => `${apiVersion} ${kind}`).values()) {
    const wanted = [first!, ...others].flatMap((use) => use.verbs);
    const found = await find(first!, findResource, signal);
    if ('why' in found) guesses.push({ rules: unique(verbs(found.group, found.plural, wanted)), why: found.why });
    else rules.push(...verbs(found.group, found.plural, wanted, found.namespaced ? {} : { clusterWide: true }));
  }
  return { rules: unique(rules), guesses };
}

type Use = Kind & { verbs: readonly string[] };

function usesOf({ patches, readinessGates, metrics }: RenderedTrial): Use[] {
  const targets = metrics.flatMap((metric) => ('target' in metric && metric.target !== undefined ? [metric.target] : []));
  return [
    ...patches.flatMap((patch) => [
      ...(patch.body === undefined ? [] : [use(patch.target, ['get', 'patch'])]),
      ...(isAwaited(patch) ? [use(patch.target, ['list', 'watch'])] : []),
    ]),
    ...readinessGates.map((gate) => use(gate, ['list', 'watch'])),
    ...targets.map(({ apiVersion, kind, name }) =>
      use({ apiVersion, kind: kind.replace(/List$/, '') }, [name === undefined ? 'list' : 'get']),
    ),
  ];
}

function use({ apiVersion, kind }: Kind, wanted: readonly string[]): Use {
  return { apiVersion, kind, verbs: wanted };
}

type Found = Pick<Resource, 'group' | 'plural' | 'namespaced'>;

async function find(
  { apiVersion, kind }: Kind,
  findResource: FindResource,
  signal: AbortSignal,
): Promise<Found | (Found & { why: string })> {
  const { group } = parseApiVersion(apiVersion);
  const known = METRICS_API.get(`${group} ${kind}`);
  if (known !== undefined) return { group, ...known };
  try {
    return await findResource({ apiVersion, kind }, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Also where discovery is refused, or an aggregated API is away: whoever cannot be asked must not keep the other experiments waiting.
    if (!(error instanceof ClusterError)) throw error;
    return { group, plural: `${kind.toLowerCase()}s`, namespaced: true, why: error.message };
  }
}

function writesConfigMaps({ setup, files }: RenderedTrial): boolean {
  return files !== undefined || (setup?.configMaps.length ?? 0) > 0;
}

/** What metrics-server serves is named after what it measures. */
const METRICS_API = new Map([
  ['metrics.k8s.io PodMetrics', { plural: 'pods', namespaced: true }],
  ['metrics.k8s.io NodeMetrics', { plural: 'nodes', namespaced: false }],
]);

function verbs(apiGroup: string, resource: string, wanted: readonly string[], scope: Pick<AccessRule, 'clusterWide'> = {}): AccessRule[] {
  return wanted.map((verb) => ({ apiGroup, resource, verb, ...scope }));
}

function unique(rules: readonly AccessRule[]): AccessRule[] {
  return [...new Map(rules.map((rule) => [`${rule.apiGroup}/${rule.resource} ${rule.verb}`, rule])).values()];
}
