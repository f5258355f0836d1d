import type { KubeObject } from '../cluster/port.ts';
import { JournalUnreadable, parseJournal } from './journal-text.ts';
import { JOURNAL_ANNOTATION, QUARANTINE_LABEL, QUARANTINE_MESSAGE_ANNOTATION } from './slot-lease.ts';

/** What a slot's Lease tells, to whoever looks from outside. */
export type SlotStatus = {
  slot: string;
  /** The run that holds it, if any, and when it last said so by its own clock (RFC 3339). */
  holder?: string;
  renewed?: string;
  /** Why the slot is left out. */
  quarantine?: { reason: string; message: string };
  /** The trial under way, and its stage; a run that took the slot next would go on with it. */
  trial?: { name: string; stage: string };
  /** A trial whose setup is not known to be deleted. */
  teardown?: string;
  /** Records not known to be on the results branch. */
  owed: string[];
  /** Objects that patches changed and that are to be put back, as `Kind name`. */
  restore: string[];
  /** Why the journal cannot be read. */
  unreadable?: string;
};

export function slotStatus(slot: string, lease: KubeObject): SlotStatus {
  const { labels = {}, annotations = {} } = lease.metadata;
  const { holderIdentity, renewTime } = lease.spec ?? {};
  const reason = labels[QUARANTINE_LABEL];
  return {
    slot,
    ...(holderIdentity && { holder: holderIdentity, ...(renewTime && { renewed: renewTime }) }),
    ...(reason !== undefined && { quarantine: { reason, message: annotations[QUARANTINE_MESSAGE_ANNOTATION] ?? '' } }),
    ...journaled(annotations[JOURNAL_ANNOTATION]),
  };
}

function journaled(text: string | undefined): Pick<SlotStatus, 'trial' | 'teardown' | 'owed' | 'restore' | 'unreadable'> {
  try {
    const { active, teardown, owed, restore = [] } = parseJournal(text);
    return {
      ...(active && { trial: { name: active.rendered.trial.name, stage: active.stage } }),
      ...(teardown && { teardown: teardown.rendered.trial.name }),
      owed: owed.map(({ metadata }) => metadata.name),
      restore: restore.map(({ target: { kind, name } }) => `${kind} ${name}`),
    };
  } catch (error) {
    if (error instanceof JournalUnreadable) return { owed: [], restore: [], unreadable: error.message };
    throw error;
  }
}
