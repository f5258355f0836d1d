import { ClusterError } from './errors.ts';
import type { Cluster } from './port.ts';

/** Whom a RoleBinding grants something. */
export type Subject =
  | { kind: 'ServiceAccount'; name: string; namespace: string }
  | { kind: 'User'; apiGroup: 'rbac.authorization.k8s.io'; name: string };

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Who the API server takes us for; undefined where it does not say. */
export async function readOwnSubject(cluster: Pick<Cluster, 'create'>, signal: AbortSignal): Promise<Subject | undefined> {
  try {
    const { status } = await cluster.create({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }, signal);
    return subjectOf(status?.userInfo?.username);
  } catch (error) {
    if (error instanceof ClusterError) return undefined;
    throw error;
  }
}

function subjectOf(username: string | undefined): Subject | undefined {
  if (username === undefined) return undefined;
  const [, namespace, name] = SERVICE_ACCOUNT.exec(username) ?? [];
  if (namespace !== undefined && name !== undefined) return { kind: 'ServiceAccount', name, namespace };
  return { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: username };
}
