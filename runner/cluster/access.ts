import type { Cluster } from './port.ts';

/**
 * One thing that has to be allowed. `resource` may have a subresource (`pods/log`); without a `name` it means every object. A resource
 * that lies in no namespace is `clusterWide`: no Role can grant it.
 */
export type AccessRule = { apiGroup: string; resource: string; verb: string; name?: string; clusterWide?: true };

/** A rule of a SelfSubjectRulesReview's answer. */
type ResourceRule = { verbs: string[]; apiGroups?: string[]; resources?: string[]; resourceNames?: string[] };

/**
 * The rules that the namespace does not grant us, in the order given. One rules review tells most of it; what it leaves open (webhook
 * authorizers do not list their rules, and an answer may be incomplete) is asked one by one, and so is what lies in no namespace: the
 * rules do not tell those of the namespace's own Roles apart.
 */
export async function missingAccess(
  cluster: Pick<Cluster, 'create'>,
  namespace: string,
  rules: readonly AccessRule[],
  signal: AbortSignal,
): Promise<AccessRule[]> {
  const granted = await readGrantedRules(cluster, namespace, signal);
  const missing: AccessRule[] = [];
  for (const rule of rules) {
    const isGranted = rule.clusterWide !== true && granted.some((each) => covers(each, rule));
    if (!isGranted && !(await isAllowed(cluster, namespace, rule, signal))) missing.push(rule);
  }
  return missing;
}

/** RBAC's own comparison: k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go. */
export function covers(granted: ResourceRule, { apiGroup, resource, verb, name }: AccessRule): boolean {
  const { verbs, apiGroups = [], resources = [], resourceNames = [] } = granted;
  const [, subresource] = resource.split('/');
  return (
    includes(verbs, verb) &&
    includes(apiGroups, apiGroup) &&
    (includes(resources, resource) || (subresource !== undefined && resources.includes(`*/${subresource}`))) &&
    (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name)))
  );
}

function includes(granted: readonly string[], wanted: string): boolean {
  return granted.includes('*') || granted.includes(wanted);
}

async function readGrantedRules(cluster: Pick<Cluster, 'create'>, namespace: string, signal: AbortSignal): Promise<ResourceRule[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
  const { status } = await cluster.create(review, signal);
  return status?.resourceRules ?? [];
}

async function isAllowed(cluster: Pick<Cluster, 'create'>, namespace: string, rule: AccessRule, signal: AbortSignal): Promise<boolean> {
  const { apiGroup: group, verb, name } = rule;
  const [resource, subresource] = rule.resource.split('/');
  const place = rule.clusterWide === true ? {} : { namespace };
  const spec = { resourceAttributes: { ...place, verb, group, resource, subresource, name } };
  const { status } = await cluster.create({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }, signal);
  return status?.allowed === true;
}
