import { ClusterError } from '../cluster/errors.ts';
import { RecordFailed } from '../model/errors.ts';
import { giveBackLease } from './give-back-lease.ts';
import { LeaseLost } from './held-lease.ts';
import type { Slot } from './slot.ts';
import { openSubmissions, type Submissions } from './submissions.ts';
import { leaveSlot, workSlot, type SlotEnd, type WorkDeps } from './work-slot.ts';

/**
 * A slot in which this run could not finish what its journal tells, because of the infrastructure. `takenOver`: another run has it and
 * goes on there; else the next one has to.
 */
export type GivenUpSlot = { slot: string; message: string; takenOver: boolean };

/** `unpushed`: what was not in git when its slot was given back. */
export type SlotsEnd = { ends: SlotEnd[]; givenUp: GivenUpSlot[]; unpushed: RecordFailed[]; bugs: unknown[] };

/** How long the last pushes and releases may take once the run is told to end. Milliseconds. */
const FAREWELL = 45_000;

/**
 * Works all slots at once, each by its own worker, and gives them back: with an empty journal where everything is finished, else with
 * what the next runner needs. After a bug no worker begins another trial.
 */
export async function workSlots(slots: readonly Slot[], deps: Omit<WorkDeps, 'halt'>, signal: AbortSignal): Promise<SlotsEnd> {
  const halted = new AbortController();
  const halt = () => halted.abort(new Error('a slot met a bug'));
  const guarded: WorkDeps = { ...deps, halt, deal: (slot, scoped) => dealUnless(halted.signal, slot, scoped, deps) };
  const settled = await Promise.all(
    slots.map(async (slot) => {
      const owed = openSubmissions(slot, deps.ledger);
      const outcome = await workSafely(slot, owed, guarded, signal);
      if (outcome.bug !== undefined) halt();
      deps.left(slot.name);
      const left = await restoreSafely(slot, guarded);
      const unpushed = await giveBack(slot, owed, deps);
      deps.emit({ type: 'slot-finished', slot: slot.name });
      return { ...outcome, ...left, unpushed };
    }),
  );
  return {
    ends: settled.flatMap((outcome) => ('slot' in outcome ? [outcome] : [])),
    givenUp: settled.flatMap((outcome) => outcome.givenUp ?? []),
    unpushed: settled.flatMap(({ unpushed }) => unpushed),
    bugs: settled.flatMap((outcome) => (outcome.bug === undefined ? [] : [outcome.bug])),
  };
}

/** The next trial, or none from the moment on when `halted` aborts, also while it is waited for. */
async function dealUnless(halted: AbortSignal, slot: string, signal: AbortSignal, { deal }: Pick<WorkDeps, 'deal'>) {
  try {
    return await deal(slot, AbortSignal.any([signal, halted]));
  } catch (error) {
    if (halted.aborted && !signal.aborted) return undefined;
    throw error;
  }
}

type Outcome = (SlotEnd | { bug?: unknown }) & { givenUp?: GivenUpSlot };

async function workSafely(slot: Slot, owed: Submissions, deps: WorkDeps, signal: AbortSignal): Promise<Outcome> {
  try {
    return await workSlot(slot, owed, deps, signal);
  } catch (error) {
    // The run was told to end: what is under way stays, journaled.
    if (signal.aborted) return {};
    if (error instanceof LeaseLost || slot.lease.lost.aborted || error instanceof ClusterError) {
      const reason = (slot.lease.lost.aborted ? slot.lease.lost.reason : error) as Error;
      const { message } = reason;
      deps.emit({ type: 'notice', level: 'warning', slot: slot.name, message: `the slot is given up: ${message}` });
      return { givenUp: { slot: slot.name, message, takenOver: reason instanceof LeaseLost && reason.takenOver } };
    }
    return { bug: error };
  }
}

/** What cannot be put back now stays in the journal: the next run finds it there. */
async function restoreSafely(slot: Slot, deps: WorkDeps): Promise<Partial<Pick<SlotEnd, 'end' | 'bug'>> & Pick<Outcome, 'givenUp'>> {
  const limit = AbortSignal.any([slot.lease.lost, AbortSignal.timeout(FAREWELL)]);
  if (slot.lease.lost.aborted) return {};
  try {
    return (await leaveSlot(slot, deps, limit)) ?? {};
  } catch (error) {
    if (!limit.aborted && !(error instanceof ClusterError)) return { bug: error };
    const message = `what patches changed is not put back yet, the next run will: ${(error as Error).message}`;
    deps.emit({ type: 'notice', level: 'warning', slot: slot.name, message });
    return { givenUp: { slot: slot.name, message, takenOver: false } };
  }
}

/**
 * Pushes what is decided, notes it in the journal, and empties the holder; a Lease that is lost is left alone. Resolves with what did not reach
 * git: the journal keeps it, but it may still go with a later push of this run.
 */
async function giveBack(slot: Slot, owed: Submissions, deps: Pick<WorkDeps, 'ledger' | 'emit'>): Promise<RecordFailed[]> {
  const unpushed = await settleInTime(owed);
  if (unpushed[0] !== undefined) {
    const message = `records are not pushed and stay in the journal: ${unpushed[0].message}`;
    deps.emit({ type: 'notice', level: 'warning', slot: slot.name, message });
  }
  if (slot.lease.lost.aborted) return unpushed;
  try {
    await slot.journal.flush();
  } catch (error) {
    deps.emit({
      type: 'notice',
      level: 'warning',
      slot: slot.name,
      message: `the journal could not be tidied, the next run will: ${(error as Error).message}`,
    });
  }
  await giveBackLease(slot.lease, deps.emit);
  return unpushed;
}

async function settleInTime(owed: Submissions): Promise<RecordFailed[]> {
  const limit = AbortSignal.timeout(FAREWELL);
  try {
    return await owed.settle(limit);
  } catch (cause) {
    if (!limit.aborted) throw cause;
    return [new RecordFailed(`no push within ${FAREWELL / 1000} s`, { cause })];
  }
}
