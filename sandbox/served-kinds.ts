import type { ServedKind } from './store.ts';

/** The built-in kinds, most of them only stored; what becomes of their objects is the controllers' part. */
export const SERVED_KINDS: readonly ServedKind[] = [
  ...inGroup('', 'v1', [
    'ConfigMap configmaps cm',
    'Endpoints endpoints ep',
    'Event events ev',
    'LimitRange limitranges limits',
    'Namespace! namespaces ns +status',
    'Node! nodes no +status',
    'PersistentVolume! persistentvolumes pv +status',
    'PersistentVolumeClaim persistentvolumeclaims pvc +status',
    'Pod pods po +status',
    'ReplicationController replicationcontrollers rc +status',
    'ResourceQuota resourcequotas quota +status',
    'Secret secrets',
    'Service services svc +status',
    'ServiceAccount serviceaccounts sa',
  ]),
  ...inGroup('apps', 'v1', [
    'ControllerRevision controllerrevisions',
    'DaemonSet daemonsets ds +status',
    'Deployment deployments deploy +status',
    'ReplicaSet replicasets rs +status',
    'StatefulSet statefulsets sts +status',
  ]),
  ...inGroup('autoscaling', 'v2', ['HorizontalPodAutoscaler horizontalpodautoscalers hpa +status']),
  ...inGroup('batch', 'v1', ['CronJob cronjobs cj +status', 'Job jobs +status']),
  ...inGroup('coordination.k8s.io', 'v1', ['Lease leases']),
  ...inGroup('discovery.k8s.io', 'v1', ['EndpointSlice endpointslices']),
  ...inGroup('networking.k8s.io', 'v1', ['Ingress ingresses ing +status', 'NetworkPolicy networkpolicies netpol']),
  ...inGroup('policy', 'v1', ['PodDisruptionBudget poddisruptionbudgets pdb +status']),
  ...inGroup('rbac.authorization.k8s.io', 'v1', [
    'ClusterRole! clusterroles',
    'ClusterRoleBinding! clusterrolebindings',
    'Role roles',
    'RoleBinding rolebindings',
  ]),
  ...inGroup('scheduling.k8s.io', 'v1', ['PriorityClass! priorityclasses pc']),
  ...inGroup('storage.k8s.io', 'v1', ['StorageClass! storageclasses sc']),
  ...inGroup('apiextensions.k8s.io', 'v1', ['CustomResourceDefinition! customresourcedefinitions crd,crds +status']),
];

/** `Kind[!] plural [short,names] [+status]`, where `!` is for a kind that belongs to no namespace. */
function inGroup(group: string, version: string, lines: string[]): ServedKind[] {
  return lines.map((line) => {
    const [name, plural, ...rest] = line.split(' ') as [string, string, ...string[]];
    return {
      group,
      version,
      kind: name.replace('!', ''),
      plural,
      namespaced: !name.endsWith('!'),
      status: rest.includes('+status'),
      shortNames: rest[0] === undefined || rest[0] === '+status' ? [] : rest[0].split(','),
    };
  });
}
