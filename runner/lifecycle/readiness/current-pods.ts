import type { KubeObject } from '../../cluster/port.ts';
import { unobserved } from './unobserved.ts';

/**
 * The pods that run a workload's current template: the crash of a pod that is being replaced says nothing about the new settings.
 * Empty where the revision cannot be told: while the controller has not seen the spec, or for a Deployment without `replicaSets`
 * (which must be listed after the Deployment was read). Pods of other kinds are all returned.
 */
export function podsOfCurrentRevision(
  workload: KubeObject,
  pods: readonly KubeObject[],
  replicaSets: readonly KubeObject[] = [],
): KubeObject[] {
  const label = revisionLabel(workload, replicaSets);
  if (label === 'any') return [...pods];
  if (unobserved(workload) !== undefined || label.value === undefined) return [];
  return pods.filter((pod) => pod.metadata.labels?.[label.key] === label.value);
}

function revisionLabel(workload: KubeObject, replicaSets: readonly KubeObject[]): 'any' | { key: string; value: string | undefined } {
  switch (workload.kind) {
    case 'Deployment':
      return {
        key: 'pod-template-hash',
        value: newestReplicaSet(workload, replicaSets)?.metadata.labels?.['pod-template-hash'],
      };
    case 'StatefulSet':
      return { key: 'controller-revision-hash', value: workload.status?.updateRevision };
    case 'DaemonSet':
      // The hash is known from ControllerRevisions alone, the generation from the object (kubernetes/pkg/controller/daemon/util: IsPodUpdated).
      return {
        key: 'pod-template-generation',
        value: workload.metadata.annotations?.['deprecated.daemonset.template.generation'],
      };
    default:
      return 'any';
  }
}

/**
 * The one with the highest revision: that also rises when an earlier ReplicaSet is taken up again, while creation times do not, and
 * it is written before the Deployment's observedGeneration (kubernetes/pkg/controller/deployment/sync.go: getNewReplicaSet).
 */
function newestReplicaSet(deployment: KubeObject, replicaSets: readonly KubeObject[]): KubeObject | undefined {
  const owned = replicaSets.filter((set) => isOwnedBy(set, deployment));
  return owned.toSorted((a, b) => revision(b) - revision(a))[0];
}

function revision(replicaSet: KubeObject): number {
  return Number(replicaSet.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}

function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  const references: any[] = object.metadata.ownerReferences ?? [];
  return references.some((reference) => reference.controller === true && reference.uid === owner.metadata.uid);
}
