import type { KubeObject } from '../../cluster/port.ts';
import type { SeenFor } from './first-sights.ts';
import { heldRollout, ON_DELETE } from './held-rollout.ts';
import { READY, waiting, type Readiness } from './readiness.ts';

/**
 * kubectl's rules for a DaemonSet whose status is current. With update strategy OnDelete, which kubectl and the ancestor report as
 * success, old pods are waited for: the trial would measure their settings.
 */
export function assessDaemonSet(set: KubeObject, { seenFor }: { seenFor?: SeenFor } = {}): Readiness {
  const { desiredNumberScheduled: desired = 0, updatedNumberScheduled: updated = 0, numberAvailable: available = 0 } = set.status ?? {};
  const onDelete = set.spec?.updateStrategy?.type === 'OnDelete';

  if (updated < desired && !onDelete) return waiting(`Updated ${updated}/${desired}`);
  if (updated < desired) {
    const missing = `Updated ${updated}/${desired}, and ${ON_DELETE.why}`;
    return updated === 0 ? heldRollout(set, missing, ON_DELETE.remedy, seenFor) : waiting(missing);
  }
  if (available < desired) return waiting(`Available ${available}/${desired}`);
  return READY;
}
