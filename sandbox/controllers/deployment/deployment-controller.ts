import { isDeepStrictEqual } from 'node:util';

import type { Store, StoredObject } from '../../store.ts';
import { findCondition, withCondition, type Condition } from '../conditions.ts';
import { controlledBy } from '../ownership.ts';
import { isFinished } from '../pod-state.ts';
import { recordEvent } from '../record-event.ts';
import { runController } from '../run-controller.ts';
import { writeStatus } from '../write-status.ts';
import { deploymentStatus, millisecondsToProgressDeadline, rolloutStatus } from './deployment-status.ts';
import {
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  newReplicaSet,
  nextRevision,
  replicaSetAnnotations,
  REVISION,
  sortReplicaSets,
  type ReplicaSets,
} from './replica-sets.ts';
import { currentSize, isScaling, rolloutBounds, scaleAll, shrinkOld, type Scaling } from './roll-out.ts';

/**
 * Rolls Deployments out as Kubernetes' controller does, with a ReplicaSet per template: rolling updates and recreation, pausing,
 * scaling in the middle of a rollout, revisions and their history, and the conditions Available, Progressing and ReplicaFailure.
 */
export function startDeploymentController(store: Store): () => void {
  const replicaSets = store.kind('apps/v1', 'ReplicaSet');
  return runController(store, {
    kind: store.kind('apps/v1', 'Deployment'),
    owned: [replicaSets],
    reconcile(deployment, later) {
      const read = () => sortReplicaSets(deployment, controlledBy(store, replicaSets, deployment));
      if (deployment.metadata.deletionTimestamp !== undefined) {
        writeStatus(store, deployment, deploymentStatus(deployment, read(), store.clock.now()));
        return;
      }
      // What this changes brings the Deployment up again: then it goes on.
      if (notePause(store, deployment) || syncCurrent(store, deployment, read())) return;
      if (deployment.spec.paused === true || isScaling(deployment, read())) {
        for (const scaling of scaleAll(deployment, read())) scale(store, deployment, scaling);
        writeStatus(store, deployment, deploymentStatus(deployment, read(), store.clock.now()));
        return;
      }
      for (const scaling of nextScalings(store, deployment, read())) scale(store, deployment, scaling);
      syncRolloutStatus(store, deployment, read(), later);
      dropHistory(store, deployment, read());
    },
  });
}

/** So that a pause that is longer than the progress deadline is not taken for a rollout that is stuck; true when it wrote something. */
function notePause(store: Store, deployment: StoredObject): boolean {
  const conditions = deployment.status?.conditions ?? [];
  const { reason } = findCondition(conditions, 'Progressing') ?? {};
  const isPaused = deployment.spec.paused === true;
  if (reason === 'ProgressDeadlineExceeded' || isPaused === (reason === 'DeploymentPaused')) return false;
  const condition: Condition = isPaused
    ? { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  const now = store.clock.now();
  writeStatus(store, deployment, { ...deployment.status, conditions: withCondition(conditions, condition, now) });
  return true;
}

/** Creates the ReplicaSet of the template, or brings its annotations up to date; true when it wrote something. */
function syncCurrent(store: Store, deployment: StoredObject, { current, old }: ReplicaSets): boolean {
  if (current !== undefined) {
    const isUpdated = annotate(store, current, annotationsOf(deployment, current, old));
    const revision = { [REVISION]: current.metadata.annotations?.[REVISION] ?? '1' };
    return annotate(store, deployment, { ...deployment.metadata.annotations, ...(!isUpdated && revision) }) || isUpdated;
  }
  if (deployment.spec.paused === true || (isRecreate(deployment) && hasPods(store, old))) return false;
  createCurrent(store, deployment, old);
  return true;
}

function createCurrent(store: Store, deployment: StoredObject, old: readonly StoredObject[]): void {
  const { namespace } = deployment.metadata;
  const replicas = currentSize(deployment, 0, old);
  const wanted = newReplicaSet(deployment, replicas, maxReplicas(deployment), old);
  const { metadata } = store.create(store.kind('apps/v1', 'ReplicaSet'), namespace, wanted);
  if (replicas > 0) tellScaling(store, deployment, `Scaled up replica set ${metadata.name} from 0 to ${replicas}`);

  annotate(store, deployment, { ...deployment.metadata.annotations, [REVISION]: String(nextRevision(old)) });
  const message = `Created new replica set "${metadata.name}"`;
  const condition: Condition = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message };
  const conditions = withCondition(deployment.status?.conditions ?? [], condition, store.clock.now());
  writeStatus(store, deployment, { ...deployment.status, conditions });
}

/** The next step of a rollout; the status of what it changes brings on the one after it. */
function nextScalings(store: Store, deployment: StoredObject, sets: ReplicaSets): Scaling[] {
  const { current, old } = sets;
  if (isRecreate(deployment)) {
    const running = old.filter(({ spec }) => spec.replicas > 0);
    if (running.length > 0) return running.map((set) => ({ set, replicas: 0 }));
    return current === undefined || hasPods(store, old) ? [] : [{ set: current, replicas: rolloutBounds(deployment).wanted }];
  }
  if (current === undefined) return [];
  const replicas = currentSize(deployment, current.spec.replicas, old);
  return replicas === current.spec.replicas ? shrinkOld(deployment, sets) : [{ set: current, replicas }];
}

function scale(store: Store, deployment: StoredObject, { set, replicas }: Scaling): void {
  const { namespace, name, annotations } = set.metadata;
  const before = set.spec.replicas;
  const sizes = {
    [DESIRED_REPLICAS]: String(rolloutBounds(deployment).wanted),
    [MAX_REPLICAS]: String(maxReplicas(deployment)),
  };
  if (before === replicas && isDeepStrictEqual({ ...annotations, ...sizes }, annotations)) return;
  store.mutate(store.kind('apps/v1', 'ReplicaSet'), namespace, name, (fresh) => ({
    ...fresh,
    metadata: { ...fresh.metadata, annotations: { ...fresh.metadata.annotations, ...sizes } },
    spec: { ...fresh.spec, replicas },
  }));
  if (before === replicas) return;
  const direction = before < replicas ? 'up' : 'down';
  tellScaling(store, deployment, `Scaled ${direction} replica set ${name} from ${before} to ${replicas}`);
}

function syncRolloutStatus(store: Store, deployment: StoredObject, sets: ReplicaSets, later: (milliseconds: number) => void): void {
  const now = store.clock.now();
  const status = rolloutStatus(deployment, sets, now);
  writeStatus(store, deployment, status);
  const wait = millisecondsToProgressDeadline(deployment, status, now);
  // A second more, as times are whole seconds (kubernetes/pkg/controller/deployment/progress.go).
  if (wait !== undefined) later(Math.max(0, wait) + 1000);
}

/** Old ReplicaSets without pods beyond revisionHistoryLimit go, the oldest first. */
function dropHistory(store: Store, deployment: StoredObject, { current, old }: ReplicaSets): void {
  const wanted = rolloutBounds(deployment).wanted;
  if ((current?.status?.availableReplicas ?? 0) !== wanted) return;
  const surplus = old.length - (deployment.spec.revisionHistoryLimit ?? 10);
  const empty = old.filter(({ spec, status }) => spec.replicas === 0 && status?.replicas === 0);
  for (const { metadata } of empty.slice(0, Math.max(0, surplus))) {
    store.remove(store.kind('apps/v1', 'ReplicaSet'), metadata.namespace, metadata.name, { uid: metadata.uid });
  }
}

function annotationsOf(deployment: StoredObject, current: StoredObject, old: readonly StoredObject[]): Record<string, string> {
  const present = current.metadata.annotations ?? {};
  const updated = replicaSetAnnotations(deployment, present, nextRevision(old), maxReplicas(deployment));
  // The sizes change with the scaling: until then they show that there is one to do.
  const { [DESIRED_REPLICAS]: desired, [MAX_REPLICAS]: max } = present;
  return { ...updated, ...(desired && { [DESIRED_REPLICAS]: desired }), ...(max && { [MAX_REPLICAS]: max }) };
}

function annotate(store: Store, object: StoredObject, annotations: Record<string, string>): boolean {
  const { namespace, name } = object.metadata;
  if (isDeepStrictEqual(object.metadata.annotations ?? {}, annotations)) return false;
  store.mutate(store.kind(object.apiVersion, object.kind), namespace, name, (fresh) => ({
    ...fresh,
    metadata: { ...fresh.metadata, annotations },
  }));
  return true;
}

function isRecreate({ spec }: StoredObject): boolean {
  return spec.strategy?.type === 'Recreate';
}

function hasPods(store: Store, sets: readonly StoredObject[]): boolean {
  const pods = store.kind('v1', 'Pod');
  return sets.some((set) => controlledBy(store, pods, set).some((pod) => !isFinished(pod)));
}

function maxReplicas(deployment: StoredObject): number {
  const { wanted, maxSurge } = rolloutBounds(deployment);
  return wanted + maxSurge;
}

function tellScaling(store: Store, deployment: StoredObject, message: string): void {
  const component = 'deployment-controller';
  recordEvent(store, deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component });
}
