import type { KubeObject } from '../../cluster/port.ts';
import { failed, READY, waiting, type Readiness } from './readiness.ts';
import { unobserved } from './unobserved.ts';

/**
 * What an object of any kind says of itself by the conventions of kstatus (sigs.k8s.io/cli-utils, pkg/kstatus/status/generic.go): its
 * controller has seen the generation, it is neither `Reconciling` nor `Stalled`, and `Ready` and `Available` are True where it has them.
 * An object that says nothing is ready.
 */
export function assessStatus(object: KubeObject, appliedGeneration: number | undefined): Readiness {
  if (object.metadata.deletionTimestamp !== undefined) return failed('Terminating', 'is being deleted');
  const missing = object.status?.observedGeneration === undefined ? undefined : unobserved(object, appliedGeneration);
  if (missing !== undefined) return waiting(missing);

  const conditions: any[] = Array.isArray(object.status?.conditions) ? object.status.conditions : [];
  const find = (type: string) => conditions.find((condition) => condition.type === type);
  const stalled = find('Stalled');
  if (stalled?.status === 'True' && !isOld(stalled, object)) return failed('Stalled', says(stalled));
  const reconciling = find('Reconciling');
  if (reconciling?.status === 'True') return waiting(says(reconciling));
  const unmet = ['Ready', 'Available']
    .map(find)
    .find((condition) => condition !== undefined && (condition.status !== 'True' || isOld(condition, object)));
  return unmet === undefined ? READY : waiting(isOld(unmet, object) ? `Condition ${unmet.type} is of an older generation` : says(unmet));
}

function isOld({ observedGeneration }: { observedGeneration?: number }, { metadata }: KubeObject): boolean {
  return observedGeneration !== undefined && observedGeneration < (metadata.generation ?? 0);
}

function says({ type, status, reason, message }: { type: string; status: string; reason?: string; message?: string }): string {
  const why = message || reason;
  return `Condition ${type} is ${status}${why ? `: ${why}` : ''}`;
}
