import { nearest } from '../model/nearest.ts';
import { ClusterError } from './errors.ts';

/** Where the API keeps the objects of one kind. */
export type Resource = { group: string; version: string; plural: string; namespaced: boolean };

export type GroupVersionKind = { apiVersion: string; kind: string };

/** Finds a kind's resource; throws ClusterError `NoKindMatch` when the cluster has no such kind. */
export type FindResource = (kind: GroupVersionKind, signal: AbortSignal) => Promise<Resource>;

/** The answer of `GET /api/v1` and `GET /apis/<group>/<version>`, as far as it matters here. */
export type ResourceList = { resources: { name: string; kind: string; namespaced: boolean }[] };

/**
 * Looks kinds up in the table below, then asks the cluster and remembers what it offers. A kind that was not found is asked for
 * again the next time: its CustomResourceDefinition may have come. `discover` gives undefined when the group version is unknown.
 */
export function createFindResource(discover: (apiVersion: string, signal: AbortSignal) => Promise<ResourceList | undefined>): FindResource {
  const discovered = new Map<string, Resource>();

  return async ({ apiVersion, kind }, signal) => {
    const known = builtInResource({ apiVersion, kind }) ?? discovered.get(`${apiVersion} ${kind}`);
    if (known !== undefined) return known;

    const list = await discover(apiVersion, signal);
    const offered = (list?.resources ?? []).filter(({ name }) => !name.includes('/'));
    for (const { kind: other, name, namespaced } of offered) {
      discovered.set(`${apiVersion} ${other}`, { ...parseApiVersion(apiVersion), plural: name, namespaced });
    }
    return discovered.get(`${apiVersion} ${kind}`) ?? throwNoMatch({ apiVersion, kind }, list === undefined ? undefined : offered);
  };
}

/** The kinds that need no discovery; undefined for all others. */
export function builtInResource({ apiVersion, kind }: GroupVersionKind): Resource | undefined {
  return BUILT_IN.get(`${apiVersion} ${kind}`);
}

/** The path of a collection, an object or its subresource; a kind that is not namespaced ignores the namespace. */
export function resourcePath(
  resource: Resource,
  { namespace, name, subresource }: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const scope = resource.namespaced && namespace !== undefined ? ['namespaces', segment(namespace)] : [];
  const object = name === undefined ? [] : [segment(name), ...(subresource === undefined ? [] : [subresource])];
  return [groupVersionPath(resource), ...scope, resource.plural, ...object].join('/');
}

export function groupVersionPath({ group, version }: { group: string; version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** A name may not leave its place in the path: k8s.io/apimachinery/pkg/api/validation/path. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw new ClusterError(
      400,
      'BadRequest',
      `"${name}" cannot be the name of an object: it must not be empty, "." or "..", nor contain "/" or "%"`,
    );
  }
  return encodeURIComponent(name);
}

function throwNoMatch({ apiVersion, kind }: GroupVersionKind, offered: { kind: string }[] | undefined): never {
  if (offered === undefined) {
    const message = `the cluster has no ${apiVersion}, so no kind ${kind} of it; is its CustomResourceDefinition installed?`;
    throw new ClusterError(404, 'NoKindMatch', message);
  }
  const near = nearest(
    kind,
    offered.map((each) => each.kind),
  );
  const hint = near === undefined ? `it offers ${offered.map((each) => each.kind).join(', ')}` : `did you mean ${near}?`;
  throw new ClusterError(404, 'NoKindMatch', `the cluster has no kind ${kind} in ${apiVersion}; ${hint}`);
}

/** Kind → plural: what every supported Kubernetes (1.32 and later) serves, as far as trials meet it. */
const NAMESPACED: Record<string, Record<string, string>> = {
  v1: {
    ConfigMap: 'configmaps',
    Endpoints: 'endpoints',
    Event: 'events',
    LimitRange: 'limitranges',
    PersistentVolumeClaim: 'persistentvolumeclaims',
    Pod: 'pods',
    ReplicationController: 'replicationcontrollers',
    ResourceQuota: 'resourcequotas',
    Secret: 'secrets',
    Service: 'services',
    ServiceAccount: 'serviceaccounts',
  },
  'apps/v1': {
    ControllerRevision: 'controllerrevisions',
    DaemonSet: 'daemonsets',
    Deployment: 'deployments',
    ReplicaSet: 'replicasets',
    StatefulSet: 'statefulsets',
  },
  'authorization.k8s.io/v1': { LocalSubjectAccessReview: 'localsubjectaccessreviews' },
  'autoscaling/v1': { HorizontalPodAutoscaler: 'horizontalpodautoscalers' },
  'autoscaling/v2': { HorizontalPodAutoscaler: 'horizontalpodautoscalers' },
  'batch/v1': { CronJob: 'cronjobs', Job: 'jobs' },
  'coordination.k8s.io/v1': { Lease: 'leases' },
  'events.k8s.io/v1': { Event: 'events' },
  'networking.k8s.io/v1': { Ingress: 'ingresses', NetworkPolicy: 'networkpolicies' },
  'policy/v1': { PodDisruptionBudget: 'poddisruptionbudgets' },
  'rbac.authorization.k8s.io/v1': { Role: 'roles', RoleBinding: 'rolebindings' },
};

const CLUSTER_WIDE: Record<string, Record<string, string>> = {
  v1: { Namespace: 'namespaces', Node: 'nodes', PersistentVolume: 'persistentvolumes' },
  'authentication.k8s.io/v1': { SelfSubjectReview: 'selfsubjectreviews' },
  'authorization.k8s.io/v1': {
    SelfSubjectAccessReview: 'selfsubjectaccessreviews',
    SelfSubjectRulesReview: 'selfsubjectrulesreviews',
    SubjectAccessReview: 'subjectaccessreviews',
  },
  'rbac.authorization.k8s.io/v1': { ClusterRole: 'clusterroles', ClusterRoleBinding: 'clusterrolebindings' },
};

const BUILT_IN = new Map([...entries(NAMESPACED, true), ...entries(CLUSTER_WIDE, false)]);

function entries(table: Record<string, Record<string, string>>, namespaced: boolean): [string, Resource][] {
  return Object.entries(table).flatMap(([apiVersion, plurals]) =>
    Object.entries(plurals).map(([kind, plural]): [string, Resource] => [
      `${apiVersion} ${kind}`,
      { ...parseApiVersion(apiVersion), plural, namespaced },
    ]),
  );
}
