import { SERVED_KINDS } from '../served-kinds.ts';
import type { Propagation, ServedKind, StoredObject } from '../store.ts';
import { defaultCronJob, defaultJob, selectOwnPods } from './defaults/jobs.ts';
import {
  allocateAddress,
  beginNamespace,
  beginPending,
  defaultBinding,
  defaultCustomResourceDefinition,
  defaultHorizontalPodAutoscaler,
  defaultNamespace,
  defaultNetworkPolicy,
  defaultPersistentVolume,
  defaultPersistentVolumeClaim,
  defaultSecret,
  defaultService,
  defaultStorageClass,
  establish,
} from './defaults/others.ts';
import { admitPod, defaultPod } from './defaults/pod-spec.ts';
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from './defaults/workloads.ts';
import type { FieldError } from './field-error.ts';
import { cronJobErrors, jobErrors, jobUpdateErrors } from './validation/jobs.ts';
import type { NameRule } from './validation/names.ts';
import {
  autoscalerErrors,
  bindingErrors,
  bindingUpdateErrors,
  claimErrors,
  dataErrors,
  dataUpdateErrors,
  definitionErrors,
  leaseErrors,
  podErrors,
  podUpdateErrors,
  roleErrors,
  serviceErrors,
  serviceUpdateErrors,
} from './validation/others.ts';
import { statefulSetUpdateErrors, workloadErrors, workloadUpdateErrors } from './validation/workloads.ts';

/** What the registry of a kind does beyond storing: the strategies of k8s.io/kubernetes/pkg/registry. */
export type KindRules = {
  /** The type in the table of API types; undefined for custom resources, whose fields are not looked at. */
  schema: string | undefined;
  name: NameRule;
  /**
   * Counts changes of the spec; of annotations too for Deployments, of everything but metadata for custom resources without a status
   * subresource.
   */
  generation: 'none' | 'spec' | 'annotations' | 'object';
  /** PUT without a resourceVersion replaces whatever there is. */
  unconditionalUpdate: boolean;
  /** PUT creates what is not there. */
  createOnUpdate: boolean;
  propagation: Propagation;
  /** DELETE answers with the object rather than with a Status. */
  answersDeleted: boolean;
  /** Defaults, filled into a draft with all its structs in place. */
  complete(draft: any): void;
  /** What the server sets on creation, which nobody owns; `others` are the objects of the kind in all namespaces. */
  begin(draft: any, others: readonly StoredObject[]): void;
  /** A new object may come with its status. */
  keepsStatus: boolean;
  validate(object: any): FieldError[];
  validateUpdate(object: any, previous: any): FieldError[];
};

/** The rules of a served kind. */
export function rulesOf(kind: ServedKind): KindRules {
  if (!BUILT_IN.has(`${kind.kind}.${kind.group}`)) {
    return { ...COMMON, schema: undefined, generation: kind.status ? 'spec' : 'object', unconditionalUpdate: false, answersDeleted: false };
  }
  return { ...COMMON, schema: kind.kind, ...SPECIAL[kind.kind] };
}

const BUILT_IN: ReadonlySet<string> = new Set(SERVED_KINDS.map(({ group, kind }) => `${kind}.${group}`));

const COMMON: KindRules = {
  schema: undefined,
  name: 'subdomain',
  generation: 'none',
  unconditionalUpdate: true,
  createOnUpdate: false,
  propagation: 'Background',
  answersDeleted: false,
  complete: () => undefined,
  begin: () => undefined,
  keepsStatus: false,
  validate: () => [],
  validateUpdate: () => [],
};

const WORKLOAD = { generation: 'spec', validate: workloadErrors, validateUpdate: workloadUpdateErrors } as const;
const ROLE = { name: 'path', createOnUpdate: true, validate: roleErrors } as const;
const BINDING = {
  name: 'path',
  createOnUpdate: true,
  complete: defaultBinding,
  validate: bindingErrors,
  validateUpdate: bindingUpdateErrors,
} as const;

const SPECIAL: Record<string, Partial<KindRules>> = {
  ConfigMap: { validate: dataErrors, validateUpdate: dataUpdateErrors },
  ClusterRole: ROLE,
  ClusterRoleBinding: BINDING,
  CronJob: { generation: 'spec', complete: defaultCronJob, validate: cronJobErrors },
  CustomResourceDefinition: {
    generation: 'spec',
    complete: defaultCustomResourceDefinition,
    begin: establish,
    validate: definitionErrors,
  },
  DaemonSet: { ...WORKLOAD, complete: defaultDaemonSet },
  Deployment: { ...WORKLOAD, generation: 'annotations', complete: defaultDeployment },
  EndpointSlice: { generation: 'object' },
  Endpoints: { createOnUpdate: true },
  Event: { createOnUpdate: true },
  HorizontalPodAutoscaler: { complete: defaultHorizontalPodAutoscaler, validate: autoscalerErrors },
  Ingress: { generation: 'spec' },
  Job: {
    generation: 'spec',
    propagation: 'Orphan',
    complete: defaultJob,
    begin: selectOwnPods,
    validate: jobErrors,
    validateUpdate: jobUpdateErrors,
  },
  Lease: { unconditionalUpdate: false, createOnUpdate: true, validate: leaseErrors },
  LimitRange: { createOnUpdate: true },
  Namespace: { name: 'label', complete: defaultNamespace, begin: beginNamespace, answersDeleted: true },
  NetworkPolicy: { generation: 'spec', complete: defaultNetworkPolicy },
  Node: { keepsStatus: true },
  PersistentVolume: { complete: defaultPersistentVolume, begin: beginPending, answersDeleted: true },
  PersistentVolumeClaim: {
    complete: defaultPersistentVolumeClaim,
    begin: beginPending,
    validate: claimErrors,
    answersDeleted: true,
  },
  Pod: {
    generation: 'spec',
    complete: defaultPod,
    begin: admitPod,
    validate: podErrors,
    validateUpdate: podUpdateErrors,
    answersDeleted: true,
  },
  PodDisruptionBudget: { generation: 'spec', unconditionalUpdate: false },
  ReplicaSet: { ...WORKLOAD, complete: defaultReplicaSet },
  ReplicationController: { generation: 'spec', propagation: 'Orphan', complete: defaultReplicationController },
  ResourceQuota: { answersDeleted: true },
  Role: ROLE,
  RoleBinding: BINDING,
  Secret: { complete: defaultSecret, validate: dataErrors, validateUpdate: dataUpdateErrors },
  Service: {
    name: 'label',
    createOnUpdate: true,
    complete: defaultService,
    begin: allocateAddress,
    validate: serviceErrors,
    validateUpdate: serviceUpdateErrors,
    answersDeleted: true,
  },
  ServiceAccount: { answersDeleted: true },
  StatefulSet: { ...WORKLOAD, complete: defaultStatefulSet, validateUpdate: statefulSetUpdateErrors },
  StorageClass: { complete: defaultStorageClass, answersDeleted: true },
};
