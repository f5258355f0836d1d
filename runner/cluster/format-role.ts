import { dump } from 'js-yaml';

import type { AccessRule } from './access.ts';
import type { Subject } from './own-subject.ts';

type PolicyRule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };

/**
 * A Role with exactly these rules and its RoleBinding, as YAML ready for `kubectl apply`, to be added to the Roles there are; what lies
 * in no namespace is in a ClusterRole and its binding. The subject is whoever the runner is; by default the service account `fieldtrial`
 * in the same namespace, which is then a place to fill in.
 */
export function formatRole(
  namespace: string,
  rules: readonly AccessRule[],
  subject: Subject = { kind: 'ServiceAccount', name: 'fieldtrial', namespace },
): string {
  const [clusterWide = [], inNamespace = []] = [true, false].map((wide) => rules.filter((rule) => (rule.clusterWide === true) === wide));
  // A name of its own: applied over the Role that is there already, it would take away what that one grants.
  const name = 'fieldtrial-additional';
  const documents = [
    ...(inNamespace.length > 0 ? bound('Role', { name, namespace }, inNamespace, subject) : []),
    ...(clusterWide.length > 0 ? bound('ClusterRole', { name: `${name}-${namespace}` }, clusterWide, subject) : []),
  ];
  return documents.map((document) => dump(document, { noRefs: true })).join('---\n');
}

function bound(
  kind: 'Role' | 'ClusterRole',
  metadata: { name: string; namespace?: string },
  rules: readonly AccessRule[],
  subject: Subject,
): object[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion, kind, metadata, rules: groupRules(rules) },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
      subjects: [subject],
    },
  ];
}

/** Verbs of one resource together, then resources of one group with the same verbs. */
export function groupRules(rules: readonly AccessRule[]): PolicyRule[] {
  const resources = [...Map.groupBy(rules, ({ apiGroup, resource, name }) => JSON.stringify([apiGroup, resource, name])).values()].map(
    ([first, ...others]) => ({ ...first!, verbs: unique([first!, ...others].map(({ verb }) => verb)) }),
  );
  const alike = Map.groupBy(resources, ({ apiGroup, verbs, name }) => JSON.stringify([apiGroup, verbs.toSorted(), name]));
  return [...alike.values()].map(([first, ...others]) => ({
    apiGroups: [first!.apiGroup],
    resources: [first!, ...others].map(({ resource }) => resource),
    ...(first!.name === undefined ? {} : { resourceNames: [first!.name] }),
    verbs: first!.verbs,
  }));
}

function unique(words: string[]): string[] {
  return [...new Set(words)];
}
