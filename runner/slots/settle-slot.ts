import type { Cluster } from '../cluster/port.ts';
import { restoreObjects } from '../lifecycle/restore-objects.ts';
import type { SlotState } from '../lifecycle/teardown.ts';
import { StageFailure } from '../model/errors.ts';
import type { Emit } from '../progress/events.ts';
import { QUARANTINE_LABEL, QUARANTINE_MESSAGE_ANNOTATION } from './slot-lease.ts';
import type { Slot } from './slot.ts';

/** Puts back everything that the journal says patches changed in the slot. */
export async function restoreSlot(
  { name, journal }: Slot,
  deps: { cluster: Pick<Cluster, 'read' | 'patch'>; emit: Emit },
  signal: AbortSignal,
): Promise<SlotState> {
  try {
    await restoreObjects(journal.current().restore ?? [], name, deps, signal);
    journal.restored();
    return { status: 'Clean' };
  } catch (error) {
    if (error instanceof StageFailure) return { status: 'Dirty', reason: error.reason, message: error.message };
    throw error;
  }
}

/** A clean slot goes on; a dirty one is left out, labelled with the reason, until a teardown succeeds. */
export async function settleSlot(state: SlotState, slot: Slot, { emit }: { emit: Emit }): Promise<{ end: 'Quarantined' } | undefined> {
  if (state.status === 'Clean') {
    slot.journal.tornDown();
    if (slot.lease.labels[QUARANTINE_LABEL] !== undefined) {
      await slot.lease.label(QUARANTINE_LABEL, undefined);
      await slot.lease.annotate(QUARANTINE_MESSAGE_ANNOTATION, undefined);
    }
    return undefined;
  }
  await slot.lease.annotate(QUARANTINE_MESSAGE_ANNOTATION, state.message);
  await slot.lease.label(QUARANTINE_LABEL, state.reason);
  emit({ type: 'slot-quarantined', slot: slot.name, reason: state.reason, message: state.message });
  return { end: 'Quarantined' };
}
