import type { KubeObject } from '../../cluster/port.ts';
import { assessDaemonSet } from './daemon-set.ts';
import { assessDeployment } from './deployment.ts';
import type { SeenFor } from './first-sights.ts';
import { failed, waiting, type Readiness } from './readiness.ts';
import { assessStatefulSet } from './stateful-set.ts';
import { unobserved } from './unobserved.ts';

export type RolloutOptions = {
  /** The generation that our patch returned; an older status says nothing about it. */
  appliedGeneration?: number;
  /** Given: a rollout that nobody begins fails some time after it was first seen. */
  seenFor?: SeenFor;
};

/**
 * Whether a workload runs the settings of its current spec on all its pods; undefined for a kind without a rollout. The rules are
 * kubectl's (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go; R§9.5), stricter where those would let a trial measure old
 * settings: see each kind. Messages do not name the object.
 */
export function assessRollout(object: KubeObject, options: RolloutOptions): Readiness | undefined {
  const assess = ROLLOUTS.get(`${object.apiVersion}/${object.kind}`);
  if (assess === undefined) return undefined;
  if (object.metadata.deletionTimestamp !== undefined) return failed('Terminating', 'is being deleted');
  const missing = unobserved(object, options.appliedGeneration);
  return missing === undefined ? assess(object, options) : waiting(missing);
}

const ROLLOUTS = new Map<string, (object: KubeObject, options: RolloutOptions) => Readiness>([
  ['apps/v1/Deployment', assessDeployment],
  ['apps/v1/StatefulSet', assessStatefulSet],
  ['apps/v1/DaemonSet', assessDaemonSet],
]);
