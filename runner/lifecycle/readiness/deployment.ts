import type { KubeObject } from '../../cluster/port.ts';
import { patchedAt } from './patched-at.ts';
import { failed, READY, waiting, type Readiness } from './readiness.ts';

/**
 * kubectl's rules for a Deployment whose status is current. `ProgressDeadlineExceeded` and `RolloutPaused` are final: a paused
 * Deployment keeps its old pods until somebody resumes it, and nothing in a trial does. One that is paused without old pods is judged
 * like any other, since scaling goes on.
 */
export function assessDeployment(deployment: KubeObject): Readiness {
  const replicas: number = deployment.spec?.replicas ?? 1;
  const { replicas: existing = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = deployment.status ?? {};
  const old = existing - updated;

  const progressing = findCondition(deployment, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded' && !isOfEarlierPatch(progressing, deployment)) {
    return failed('ProgressDeadlineExceeded', ['exceeded its progress deadline', progressing.message].filter(Boolean).join(': '));
  }
  if (deployment.spec?.paused === true && old > 0) {
    return failed('RolloutPaused', `is paused, so ${plural(old, 'pod')} would keep the old settings; resume it or unset spec.paused`);
  }
  if (updated < replicas) return waiting(`Updated ${updated}/${replicas}${replicaFailure(deployment)}`);
  if (old > 0) return waiting(`${plural(old, 'old pod')} not gone yet`);
  if (available < updated) return waiting(`Available ${available}/${updated}${replicaFailure(deployment)}`);
  return READY;
}

/**
 * The controller keeps an exceeded deadline until the next rollout makes progress, also under the new observedGeneration when that
 * rollout goes back to a known ReplicaSet (kubernetes/pkg/controller/deployment/util: DeploymentTimedOut). The deadline that a previous
 * trial exceeded would so fail the next one, if our patch were not known to be younger.
 */
function isOfEarlierPatch(progressing: any, deployment: KubeObject): boolean {
  const patched = patchedAt(deployment);
  return patched !== undefined && Date.parse(progressing.lastUpdateTime) < patched;
}

/** Why pods cannot be created (quota, admission), which is not final: quota may be freed. */
function replicaFailure(deployment: KubeObject): string {
  const condition = findCondition(deployment, 'ReplicaFailure');
  return condition?.status === 'True' ? `, ${condition.reason}: ${condition.message}` : '';
}

function findCondition(object: KubeObject, type: string): any {
  return object.status?.conditions?.find((condition: any) => condition.type === type);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
