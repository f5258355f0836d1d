import type { HeldLease } from './held-lease.ts';
import type { SlotJournal } from './slot-journal.ts';

/** A namespace that this run holds, and what was begun in it and is not finished. */
export type Slot = { name: string; lease: HeldLease; journal: SlotJournal };
