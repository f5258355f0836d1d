import { defaultPodSpec } from './pod-spec.ts';

/** k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go. */
export function defaultDeployment({ spec }: any): void {
  spec.replicas ??= 1;
  spec.strategy.type ??= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...spec.strategy.rollingUpdate };
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  defaultPodSpec(spec.template.spec);
}

export function defaultReplicaSet({ spec }: any): void {
  spec.replicas ??= 1;
  defaultPodSpec(spec.template.spec);
}

export function defaultDaemonSet({ spec }: any): void {
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...spec.updateStrategy.rollingUpdate };
  }
  spec.revisionHistoryLimit ??= 10;
  defaultPodSpec(spec.template.spec);
}

export function defaultStatefulSet({ spec }: any): void {
  spec.podManagementPolicy ??= 'OrderedReady';
  if (spec.updateStrategy.type === undefined) spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: {}, ...spec.updateStrategy };
  if (spec.updateStrategy.rollingUpdate !== undefined) spec.updateStrategy.rollingUpdate.partition ??= 0;
  spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Retain', whenScaled: 'Retain', ...spec.persistentVolumeClaimRetentionPolicy };
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    // Templates are whole claims, and say so.
    Object.assign(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
    claim.spec.volumeMode ??= 'Filesystem';
    claim.status.phase ??= 'Pending';
  }
  defaultPodSpec(spec.template.spec);
}

export function defaultReplicationController({ metadata, spec }: any): void {
  spec.replicas ??= 1;
  const labels = spec.template?.metadata.labels;
  if (labels !== undefined) {
    spec.selector ??= labels;
    metadata.labels ??= labels;
  }
  if (spec.template !== undefined) defaultPodSpec(spec.template.spec);
}
