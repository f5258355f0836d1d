import type { StoredObject } from '../../store.ts';
import { findCondition, replaceCondition, withCondition, withoutCondition, type Condition } from '../conditions.ts';
import { sumReplicas, sumStatus, type ReplicaSets } from './replica-sets.ts';
import { rolloutBounds } from './roll-out.ts';

/** What a Deployment's ReplicaSets make of its status, without a word on progress (kubernetes/pkg/controller/deployment, calculateStatus). */
export function deploymentStatus(deployment: StoredObject, { current, old }: ReplicaSets, now: Date): any {
  const all = [current, ...old];
  const { wanted, maxUnavailable } = rolloutBounds(deployment);
  const available = sumStatus(all, 'availableReplicas');
  const condition: Condition =
    available >= wanted - maxUnavailable
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        };
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sumStatus(all, 'replicas') || undefined,
    updatedReplicas: sumStatus([current], 'replicas') || undefined,
    readyReplicas: sumStatus(all, 'readyReplicas') || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: Math.max(0, sumReplicas(all) - available) || undefined,
    terminatingReplicas: sumStatus(all, 'terminatingReplicas'),
    collisionCount: deployment.status?.collisionCount,
    conditions: withCondition(deployment.status?.conditions ?? [], condition, now),
  };
}

/**
 * The same with the conditions Progressing and ReplicaFailure (kubernetes/pkg/controller/deployment/progress.go): each step forward
 * restarts progressDeadlineSeconds, and a rollout that was finished once is judged again only after the next change.
 */
export function rolloutStatus(deployment: StoredObject, sets: ReplicaSets, now: Date): any {
  const status = deploymentStatus(deployment, sets, now);
  return { ...status, conditions: replicaFailure(progressing(deployment, status, sets, now), sets, now) };
}

/** Until the progress deadline has to be checked again; undefined when nothing is to be waited for. */
export function millisecondsToProgressDeadline(deployment: StoredObject, status: any, now: Date): number | undefined {
  const condition = findCondition(status.conditions, 'Progressing');
  if (condition === undefined || isComplete(deployment, status)) return undefined;
  if (condition.reason === 'ProgressDeadlineExceeded' || condition.reason === 'NewReplicaSetAvailable') return undefined;
  return progressDeadline(deployment, condition) - now.getTime();
}

function progressing(deployment: StoredObject, status: any, { current }: ReplicaSets, now: Date): any[] {
  const conditions: any[] = status.conditions;
  const before = findCondition(conditions, 'Progressing');
  const isDone = status.replicas === status.updatedReplicas && before?.reason === 'NewReplicaSetAvailable';
  if (isDone) return conditions;

  const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${what} has successfully progressed.`;
    return withCondition(conditions, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message }, now);
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const message = `${what} is progressing.`;
    return replaceCondition(conditions, { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message }, now);
  }
  if (before === undefined || before.reason === 'NewReplicaSetAvailable') return conditions;
  if (progressDeadline(deployment, before) >= now.getTime()) return conditions;
  const message = `${what} has timed out progressing.`;
  return withCondition(conditions, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }, now);
}

function isComplete({ metadata, spec }: StoredObject, status: any): boolean {
  const wanted = spec.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    status.observedGeneration >= (metadata.generation ?? 0)
  );
}

function hasProgressed(before: any, after: any): boolean {
  const oldPods = ({ replicas = 0, updatedReplicas = 0 }: any) => replicas - updatedReplicas;
  const hasMore = (field: string) => (after[field] ?? 0) > (before[field] ?? 0);
  return oldPods(after) < oldPods(before) || hasMore('updatedReplicas') || hasMore('readyReplicas') || hasMore('availableReplicas');
}

function progressDeadline({ spec }: StoredObject, { lastUpdateTime }: any): number {
  return Date.parse(lastUpdateTime) + (spec.progressDeadlineSeconds ?? 600) * 1000;
}

function replicaFailure(conditions: any[], { current, old }: ReplicaSets, now: Date): any[] {
  const failures = [current, ...old].map((set) => findCondition(set?.status?.conditions, 'ReplicaFailure'));
  const failure = failures.find((condition) => condition !== undefined);
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  const { type, status, reason, message } = failure;
  return withCondition(conditions, { type, status, reason, message }, now);
}
