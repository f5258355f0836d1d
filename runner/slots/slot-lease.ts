import { LABELS } from '../model/names.ts';

/** The one Lease of a slot: its holder fields are the lock, an annotation is the journal, a label the quarantine. */
export const SLOT_LEASE = 'fieldtrial-slot';
export const JOURNAL_ANNOTATION = 'fieldtrial.dev/journal';
/** The reason why a teardown failed; the slot is left out until one succeeds. */
export const QUARANTINE_LABEL = 'fieldtrial.dev/quarantined';
export const QUARANTINE_MESSAGE_ANNOTATION = 'fieldtrial.dev/quarantine-message';

export function slotLease(slot: string) {
  return { name: SLOT_LEASE, namespace: slot, labels: { [LABELS.role]: 'slot' } };
}

/**
 * One Lease per experiment, in the runner's own namespace: two runners never plan the same experiment. That namespace may be a slot, and no
 * experiment's name has a dot.
 */
export function experimentLease(experiment: string, namespace: string) {
  return { name: `fieldtrial.${experiment}`, namespace, labels: { [LABELS.experiment]: experiment } };
}
