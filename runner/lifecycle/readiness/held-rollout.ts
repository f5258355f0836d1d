import type { KubeObject } from '../../cluster/port.ts';
import type { SeenFor } from './first-sights.ts';
import { patchedAt } from './patched-at.ts';
import { failed, waiting, type Readiness } from './readiness.ts';

/** How long whoever replaces the pods, such as an operator, gets to begin with it. Milliseconds. */
const BEGINS_WITHIN = 60_000;

export const ON_DELETE = {
  why: 'update strategy OnDelete replaces a pod only after somebody deleted it',
  remedy: 'patch spec.updateStrategy.type to RollingUpdate, or have the pods deleted',
};

/**
 * A rollout of which the controller will not replace a single pod. An operator may do it instead, so it is waited for; when nobody has
 * begun a minute after we first saw it, nobody will, and the trial would measure the old settings: `RolloutHeld`.
 */
export function heldRollout(object: KubeObject, missing: string, remedy: string, seenFor: SeenFor | undefined): Readiness {
  const since = patchedAt(object);
  // The time of our patch is the cluster's: it tells one patch from another, and not how long it is ago.
  const isOver = since !== undefined && seenFor !== undefined && seenFor(`${object.metadata.uid} held since ${since}`) >= BEGINS_WITHIN;
  return isOver ? failed('RolloutHeld', `${missing}; ${remedy}`) : waiting(missing);
}
