import type { KubeObject } from '../../cluster/port.ts';
import { READY, waiting, type Readiness } from './readiness.ts';

/**
 * kubectl's rules for a DaemonSet whose status is current. With update strategy OnDelete, which kubectl and the ancestor report as
 * success, old pods are waited for: the trial would measure their settings.
 */
export function assessDaemonSet(set: KubeObject): Readiness {
  const { desiredNumberScheduled: desired = 0, updatedNumberScheduled: updated = 0, numberAvailable: available = 0 } = set.status ?? {};
  const onDelete =
    set.spec?.updateStrategy?.type === 'OnDelete' ? ', and update strategy OnDelete replaces a pod only after somebody deleted it' : '';

  if (updated < desired) return waiting(`Updated ${updated}/${desired}${onDelete}`);
  if (available < desired) return waiting(`Available ${available}/${desired}`);
  return READY;
}
