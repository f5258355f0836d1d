import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import { boundRecord } from '../ledger/bound-record.ts';
import { buildRecord } from '../lifecycle/build-record.ts';
import { teardown, type SlotState } from '../lifecycle/teardown.ts';
import { StageFailure } from '../model/errors.ts';
import type { Emit } from '../progress/events.ts';
import { restoreSlot, settleSlot } from './settle-slot.ts';
import { QUARANTINE_LABEL } from './slot-lease.ts';
import { withDeletion } from './with-deletion.ts';
import type { Slot } from './slot.ts';

export type CleanDeps = {
  cluster: Cluster;
  clock: Clock;
  emit: Emit;
  /** Milliseconds that pods of the delete Job may stay unschedulable. */
  unschedulableGrace: number;
  /** Who cleans: stands in the record of a trial that is given up. */
  runner: { version: string; run: string };
};

export type CleanEnd = {
  state: SlotState;
  /** The trial that was under way and is none any more. */
  givenUp?: string;
  /** The trial whose setup was deleted. */
  tornDown?: string;
  /** Records that wait in the journal for the next run to push them. */
  owed: string[];
};

/**
 * Empties a slot that we hold: a trial under way is given up (its record says Interrupted, and the next run pushes it and tries the same
 * assignments again), its setup is deleted, what patches changed is put back, and the quarantine ends. Where that fails the slot is
 * quarantined, with the journal that it needs. Rejects with the signal's reason or LeaseLost.
 */
export async function cleanSlot(slot: Slot, deps: CleanDeps, signal: AbortSignal): Promise<CleanEnd> {
  const scoped = AbortSignal.any([signal, slot.lease.lost]);
  const givenUp = await giveUpTrial(slot, deps);
  const unfinished = slot.journal.current().teardown?.rendered;
  const emptied = unfinished === undefined ? CLEAN : await tearDown(slot, unfinished, deps, scoped);
  if (emptied.status === 'Clean') slot.journal.tornDown();
  const state = emptied.status === 'Clean' ? await restoreSlot(slot, deps, scoped) : emptied;
  await settleSlot(state, slot, deps);
  await slot.journal.flush();
  return {
    state,
    ...(givenUp !== undefined && { givenUp }),
    ...(unfinished !== undefined && { tornDown: unfinished.trial.name }),
    owed: slot.journal.current().owed.map(({ metadata }) => metadata.name),
  };
}

const CLEAN: SlotState = { status: 'Clean' };

/** Decided in the journal before anything is deleted: whoever comes after a crash deletes too, and does not run on. */
async function giveUpTrial({ journal }: Slot, { runner }: CleanDeps): Promise<string | undefined> {
  const { active } = journal.current();
  if (active === undefined) return undefined;
  const failure = new StageFailure(active.stage, 'Interrupted', 'the trial was given up when its slot was cleaned', {
    infrastructure: true,
  });
  const record = buildRecord({ ...active, ...active.rendered }, { status: 'Failed', failure, values: [] }, runner);
  await journal.reported(active.rendered, boundRecord(record));
  return active.rendered.trial.name;
}

async function tearDown(
  { lease, journal }: Slot,
  rendered: Parameters<typeof teardown>[0],
  deps: CleanDeps,
  signal: AbortSignal,
): Promise<SlotState> {
  const { owed, restore } = journal.current();
  const record = owed.find(({ spec }) => spec.uid === rendered.trial.uid);
  const again = lease.labels[QUARANTINE_LABEL] !== undefined;
  const state = await teardown(
    rendered,
    { ...deps, again, failureReason: record?.status.failure?.reason, ...(restore && { restore }) },
    signal,
  );
  const completed = record && withDeletion(record, state);
  if (completed !== undefined) journal.completed(completed);
  return state;
}
