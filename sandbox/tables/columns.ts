import type { StoredObject } from '../store.ts';
import type { Column } from './column.ts';
import { humanDuration } from './human-duration.ts';
import { podColumns } from './pod-columns.ts';

/** What kubectl shows of a kind, after k8s.io/kubernetes/pkg/printers/internalversion; name and age for all that is not here. */
export function columnsOf({ group, kind }: { group: string; kind: string }): readonly Column[] {
  const columns = COLUMNS[group === '' ? kind : `${kind}.${group}`] ?? [AGE];
  return columns.includes(WIDE_NAME) ? columns : [NAME, ...columns];
}

const NAME: Column = { name: 'Name', format: 'name', cell: ({ metadata }) => metadata.name };
/** Names of Events say nothing. */
const WIDE_NAME: Column = { ...NAME, wide: true };
const AGE: Column = { name: 'Age', cell: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now) };
const CREATED: Column = { name: 'Created At', cell: ({ metadata }) => metadata.creationTimestamp };

const WORKLOAD: readonly Column[] = [
  {
    name: 'Containers',
    wide: true,
    cell: ({ spec }) =>
      containersOf(spec)
        .map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    wide: true,
    cell: ({ spec }) =>
      containersOf(spec)
        .map(({ image }) => image)
        .join(','),
  },
  { name: 'Selector', wide: true, cell: ({ spec }) => selectorText(spec.selector) },
];

const COLUMNS: Record<string, readonly Column[]> = {
  Pod: podColumns(AGE),
  'Deployment.apps': [
    { name: 'Ready', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}` },
    count('Up-to-date', ({ status }) => status?.updatedReplicas),
    count('Available', ({ status }) => status?.availableReplicas),
    AGE,
    ...WORKLOAD,
  ],
  'ReplicaSet.apps': [
    count('Desired', ({ spec }) => spec.replicas),
    count('Current', ({ status }) => status?.replicas),
    count('Ready', ({ status }) => status?.readyReplicas),
    AGE,
    ...WORKLOAD,
  ],
  'StatefulSet.apps': [
    { name: 'Ready', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}` },
    AGE,
    ...WORKLOAD.slice(0, 2),
  ],
  'DaemonSet.apps': [
    count('Desired', ({ status }) => status?.desiredNumberScheduled),
    count('Current', ({ status }) => status?.currentNumberScheduled),
    count('Ready', ({ status }) => status?.numberReady),
    count('Up-to-date', ({ status }) => status?.updatedNumberScheduled),
    count('Available', ({ status }) => status?.numberAvailable),
    { name: 'Node Selector', cell: ({ spec }) => pairs(spec.template.spec.nodeSelector) },
    AGE,
    ...WORKLOAD,
  ],
  'Job.batch': [
    { name: 'Status', cell: jobStatus },
    { name: 'Completions', cell: ({ spec, status }) => `${status?.succeeded ?? 0}/${spec.completions ?? `1 of ${spec.parallelism}`}` },
    { name: 'Duration', cell: jobDuration },
    AGE,
    ...WORKLOAD,
  ],
  'CronJob.batch': [
    { name: 'Schedule', cell: ({ spec }) => spec.schedule },
    { name: 'Suspend', cell: ({ spec }) => (spec.suspend === true ? 'True' : 'False') },
    count('Active', ({ status }) => status?.active?.length),
    { name: 'Last Schedule', cell: ({ status }, now) => ageOf(status?.lastScheduleTime, now, '<none>') },
    AGE,
  ],
  Service: [
    { name: 'Type', cell: ({ spec }) => spec.type },
    { name: 'Cluster-IP', cell: ({ spec }) => spec.clusterIP ?? '<none>' },
    { name: 'External-IP', cell: ({ spec }) => spec.externalName ?? '<none>' },
    { name: 'Port(s)', cell: ({ spec }) => (spec.ports ?? []).map((each: any) => `${each.port}/${each.protocol}`).join(',') || '<none>' },
    AGE,
    { name: 'Selector', wide: true, cell: ({ spec }) => pairs(spec.selector) },
  ],
  ConfigMap: [count('Data', (object) => size(object['data']) + size(object['binaryData'])), AGE],
  Secret: [{ name: 'Type', cell: (object) => object['type'] }, count('Data', (object) => size(object['data'])), AGE],
  Namespace: [{ name: 'Status', cell: ({ status }) => status?.phase }, AGE],
  Node: [
    { name: 'Status', cell: nodeStatus },
    { name: 'Roles', cell: () => '<none>' },
    AGE,
    { name: 'Version', cell: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '<unknown>' },
  ],
  Event: [
    { name: 'Last Seen', cell: (event, now) => ageOf(event['lastTimestamp'] ?? event['eventTime'], now) },
    { name: 'Type', cell: (event) => event['type'] },
    { name: 'Reason', cell: (event) => event['reason'] },
    { name: 'Object', cell: ({ involvedObject }) => `${involvedObject.kind?.toLowerCase()}/${involvedObject.name}` },
    { name: 'Message', cell: (event) => event['message']?.trim() },
    WIDE_NAME,
  ],
  PersistentVolumeClaim: [
    { name: 'Status', cell: ({ status }) => status?.phase },
    { name: 'Volume', cell: ({ spec }) => spec.volumeName ?? '' },
    { name: 'Capacity', cell: ({ status }) => status?.capacity?.storage ?? '' },
    { name: 'Access Modes', cell: ({ spec }) => (spec.accessModes ?? []).map(shortMode).join(',') },
    { name: 'StorageClass', cell: ({ spec }) => spec.storageClassName ?? '' },
    AGE,
  ],
  'Lease.coordination.k8s.io': [{ name: 'Holder', cell: ({ spec }) => spec?.holderIdentity ?? '' }, AGE],
  'HorizontalPodAutoscaler.autoscaling': [
    { name: 'Reference', cell: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}` },
    count('MinPods', ({ spec }) => spec.minReplicas),
    count('MaxPods', ({ spec }) => spec.maxReplicas),
    count('Replicas', ({ status }) => status?.currentReplicas),
    AGE,
  ],
  'Role.rbac.authorization.k8s.io': [CREATED],
  'ClusterRole.rbac.authorization.k8s.io': [CREATED],
  'RoleBinding.rbac.authorization.k8s.io': [{ name: 'Role', cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` }, AGE],
  'ClusterRoleBinding.rbac.authorization.k8s.io': [{ name: 'Role', cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` }, AGE],
  'CustomResourceDefinition.apiextensions.k8s.io': [CREATED],
};

function count(name: string, of: (object: StoredObject) => number | undefined): Column {
  return { name, type: 'integer', cell: (object) => of(object) ?? 0 };
}

function containersOf(spec: any): { name: string; image: string }[] {
  return spec.template.spec.containers;
}

function selectorText(selector: any = {}): string {
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }: any) =>
    values === undefined ? `${key} ${operator}` : `${key} ${operator.toLowerCase()} (${values.join(',')})`,
  );
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return [...equal, ...expressions].join(',') || '<none>';
}

function pairs(map: Record<string, string> | undefined): string {
  const texts = Object.entries(map ?? {}).map(([key, value]) => `${key}=${value}`);
  return texts.join(',') || '<none>';
}

function size(map: object | undefined): number {
  return Object.keys(map ?? {}).length;
}

function jobStatus({ metadata, spec, status }: StoredObject): string {
  const has = (type: string) => status?.conditions?.some((each: any) => each.type === type && each.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (has('Suspended') || spec.suspend === true) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobDuration({ status }: StoredObject, now: Date): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now.getTime() : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}

function nodeStatus({ spec, status }: StoredObject): string {
  const isReady = status?.conditions?.some(({ type, status: value }: any) => type === 'Ready' && value === 'True');
  return `${isReady === true ? 'Ready' : 'NotReady'}${spec?.unschedulable === true ? ',SchedulingDisabled' : ''}`;
}

function shortMode(mode: string): string {
  return mode.replaceAll(/[a-z]/g, '').replace('P', 'OP');
}

function ageOf(time: string | undefined | null, now: Date, without = '<unknown>'): string {
  return time === undefined || time === null ? without : humanDuration(now.getTime() - Date.parse(time));
}
