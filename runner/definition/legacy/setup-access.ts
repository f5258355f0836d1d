import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { isObject } from './json.ts';
import type { Report } from './report.ts';

type Access = { experiment: string; serviceAccount: string; slot: string | undefined; hasNamespaceTemplate: boolean; path: Path };

const RBAC = 'rbac.authorization.k8s.io';

/**
 * The access that the ancestor gave to the setup service account in namespaces that it created (R§6.2), as objects to be applied by the user.
 * Where the slot is not known its name is `SLOT`, which is to be replaced.
 */
export function setupAccess(
  spec: JsonObject,
  { experiment, serviceAccount, slot = 'SLOT', hasNamespaceTemplate, path }: Access,
  report: Report,
): JsonObject[] {
  const { setupDefaultRules: rules, setupDefaultClusterRole: clusterRole } = spec;
  const hasRules = Array.isArray(rules) && rules.length > 0;
  const hasClusterRole = typeof clusterRole === 'string' && clusterRole !== '';
  // Whoever merges a file must not be able to grant anything with it.
  const granted = hasNamespaceTemplate
    ? 'in namespaces that the runner makes it binds the ClusterRole of --setup-role, and nothing that an experiment says'
    : 'the runner grants nothing to anybody';
  for (const [field, kinds] of [
    ...(hasRules ? [['setupDefaultRules', 'a Role and a RoleBinding']] : []),
    ...(hasClusterRole ? [['setupDefaultClusterRole', 'a RoleBinding']] : []),
  ]) {
    report.notices.push({
      path: [...path, field!],
      message: `is kept as ${kinds} beside the experiment, for you to apply to every slot: ${granted}`,
    });
  }
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace: slot }];
  const binding = (name: string, roleRef: JsonObject) => ({
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace: slot },
    roleRef: { apiGroup: RBAC, ...roleRef },
    subjects,
  });
  const role = `${experiment}-setup`;
  const isOwn = serviceAccount !== 'default' && (hasRules || hasClusterRole);
  return [
    ...(isOwn ? [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace: slot } }] : []),
    ...(hasRules
      ? [
          { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name: role, namespace: slot }, rules: rules.filter(isObject) },
          binding(role, { kind: 'Role', name: role }),
        ]
      : []),
    ...(hasClusterRole ? [binding(`${experiment}-setup-cluster`, { kind: 'ClusterRole', name: clusterRole })] : []),
  ];
}
