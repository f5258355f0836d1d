import type { AuditEvent } from '../../../bench/audit.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';

/** What a Role grants or a run used, such as `slot apps/deployments patch`. */
export type Grant = string;

/** Every verb that the rules of a Role or a ClusterRole grant on a kind. */
export function grantsOf({ metadata, rules }: KubeObject): Grant[] {
  const place = placeOf(metadata.namespace);
  return rules.flatMap(({ apiGroups, resources, verbs }: Record<'apiGroups' | 'resources' | 'verbs', string[]>) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${place} ${group}/${resource} ${verb}`))),
  );
}

/** What a request used. Reviews of oneself and the server's version are everybody's. */
export function usedBy({ verb, objectRef }: AuditEvent): Grant[] {
  if (objectRef === undefined || objectRef.resource.startsWith('self')) return [];
  const { apiGroup = '', resource, subresource, namespace } = objectRef;
  return [`${placeOf(namespace)} ${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb}`];
}

function placeOf(namespace: string | undefined): string {
  return namespace === 'fieldtrial' ? 'own' : 'slot';
}
