import type { AccessRule } from '../cluster/access.ts';
import { builtInResource, parseApiVersion } from '../cluster/kinds.ts';
import { mountedConfigMaps } from '../lifecycle/mounted-config-maps.ts';
import type { Experiment } from '../model/experiment.ts';
import type { RenderedTrial } from '../model/trial.ts';

type Kind = { apiVersion: string; kind: string };

/** What the runner does in its own namespace: one Lease per experiment. */
export const OWN_ACCESS: readonly AccessRule[] = verbs('coordination.k8s.io', 'leases', ['get', 'create', 'update']);

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

/** Every verb that a trial of this shape uses in its slot, so that a missing one is found before hours are spent. */
export function requiredAccess(sample: RenderedTrial): AccessRule[] {
  const patched = sample.patches.flatMap(({ target, body }) => [
    ...(body === undefined ? [] : kindVerbs(target, ['get', 'patch'])),
    ...kindVerbs(target, waitedFor(target) ? ['list', 'watch'] : []),
  ]);
  const gates = sample.readinessGates.flatMap((gate) => kindVerbs(gate, ['list', 'watch']));
  const deployments = [...sample.patches.map(({ target }) => target), ...sample.readinessGates].some(({ kind }) => kind === 'Deployment');
  const targets = sample.metrics.flatMap((metric) =>
    'target' in metric && metric.target !== undefined
      ? kindVerbs({ ...metric.target, kind: metric.target.kind.replace(/List$/, '') }, [metric.target.name === undefined ? 'list' : 'get'])
      : [],
  );
  return unique([
    ...verbs('coordination.k8s.io', 'leases', ['get', 'create', 'update']),
    ...verbs('batch', 'jobs', ['get', 'create', 'delete', 'list', 'watch']),
    ...verbs('', 'pods', ['list', 'watch']),
    ...verbs('', 'pods/log', ['get']),
    ...verbs('', 'events', ['list']),
    ...(writesConfigMaps(sample) ? verbs('', 'configmaps', ['get', 'create', 'delete']) : []),
    ...(sample.setup?.create && mountedConfigMaps(sample.setup.create).length > 0 ? verbs('', 'configmaps', ['get']) : []),
    ...(deployments ? verbs('apps', 'replicasets', ['list']) : []),
    ...patched,
    ...gates,
    ...targets,
  ]);
}

function writesConfigMaps({ setup, files }: RenderedTrial): boolean {
  return files !== undefined || (setup?.configMaps.length ?? 0) > 0;
}

function waitedFor({ apiVersion }: Kind): boolean {
  return apiVersion !== 'v1';
}

function kindVerbs({ apiVersion, kind }: Kind, wanted: readonly string[]): AccessRule[] {
  const { group } = parseApiVersion(apiVersion);
  const resource = builtInResource({ apiVersion, kind }) ?? METRICS_API.get(`${group} ${kind}`);
  // A custom kind's plural is only known to its cluster; this is how nearly all are formed.
  const plural = resource?.plural ?? `${kind.toLowerCase()}s`;
  const rules = verbs(group, plural, wanted);
  return resource?.namespaced === false ? rules.map((rule) => ({ ...rule, clusterWide: true })) : rules;
}

/** What metrics-server serves is named after what it measures. */
const METRICS_API = new Map([
  ['metrics.k8s.io PodMetrics', { plural: 'pods', namespaced: true }],
  ['metrics.k8s.io NodeMetrics', { plural: 'nodes', namespaced: false }],
]);

function verbs(apiGroup: string, resource: string, wanted: readonly string[]): AccessRule[] {
  return wanted.map((verb) => ({ apiGroup, resource, verb }));
}

function unique(rules: readonly AccessRule[]): AccessRule[] {
  return [...new Map(rules.map((rule) => [`${rule.apiGroup}/${rule.resource} ${rule.verb}`, rule])).values()];
}
