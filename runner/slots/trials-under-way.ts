import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import type { Journal } from '../lifecycle/trial-progress.ts';
import type { BegunTrial } from '../plan/generation.ts';
import { look } from './find-slots.ts';
import { parseJournal } from './journal-text.ts';
import { JOURNAL_ANNOTATION } from './slot-lease.ts';
import type { Slot } from './slot.ts';

/** A trial that was begun in a slot and may have no record on the results branch yet. */
export type TrialUnderWay = BegunTrial & { experiment: string; uid: string; slot: string };

/**
 * What the journals tell of trials begun, in our slots and in those that others hold: their numbers and suggestions are taken. To be asked
 * once the experiments' Leases are ours, since nobody else begins another trial of them from then on.
 */
export async function trialsUnderWay(
  ours: readonly Slot[],
  all: readonly string[],
  { cluster, clock }: { cluster: Pick<Cluster, 'read'>; clock: Clock },
  signal: AbortSignal,
): Promise<TrialUnderWay[]> {
  const others = all.filter((slot) => !ours.some(({ name }) => name === slot));
  const looked = await Promise.all(others.map((slot) => look(slot, cluster, clock, signal)));
  const journals = [
    ...ours.map(({ journal }) => journal.current()),
    ...looked.map(({ lease }) => parseJournal(lease?.metadata.annotations?.[JOURNAL_ANNOTATION])),
  ];
  return journals.flatMap(trialsOf);
}

function trialsOf({ active, owed }: Journal): TrialUnderWay[] {
  return [...(active === undefined ? [] : [active.rendered.trial]), ...owed.map(({ spec }) => spec)];
}
