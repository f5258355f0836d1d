import type { Experiment } from '../model/experiment.ts';
import type { Emit } from '../progress/events.ts';
import type { FoundSlots } from './find-slots.ts';
import type { RunLeases } from './run-leases.ts';
import { openJournal } from './slot-journal.ts';
import { slotLease } from './slot-lease.ts';
import type { Slot } from './slot.ts';

type Deps = { leases: Pick<RunLeases, 'acquire'>; emit: Emit };

/** Slots that may be taken, and what is known of them. */
export type ReadySlots = Pick<FoundSlots, 'candidates' | 'seen' | 'unfinished'> & { usable: readonly string[] };

export type HeldSlots = { slots: Slot[]; elsewhere: string[] };

/**
 * Takes the slots with something unfinished, and for each experiment as many as it may use at once; one that another runner holds is
 * passed over for another that would do as well.
 */
export async function holdSlots(
  ready: ReadySlots,
  experiments: readonly Pick<Experiment, 'name' | 'replicas'>[],
  deps: Deps,
  signal: AbortSignal,
): Promise<HeldSlots> {
  const unfinished = ready.usable.filter((slot) => ready.unfinished.includes(slot));
  const candidates = experiments.map(({ name, replicas }) => {
    const slots = (ready.candidates.get(name) ?? []).filter((slot) => ready.usable.includes(slot));
    return {
      replicas,
      slots: [...slots.filter((slot) => unfinished.includes(slot)), ...slots.filter((slot) => !unfinished.includes(slot))],
    };
  });
  // Each experiment's own first: a long list of candidates of one must not keep another from its only slot.
  const first = new Set([...unfinished, ...candidates.flatMap(({ slots, replicas }) => slots.slice(0, replicas))]);
  const useful = new Set(candidates.flatMap(({ slots }) => slots));
  const wanted = experiments.reduce((sum, { replicas }) => sum + replicas, 0);
  const spare = [...useful].filter((slot) => !first.has(slot));

  const held = await takeAll([...first], ready, deps, signal);
  return fillUp(held, spare, ({ slots }) => wanted - slots.filter(({ name }) => useful.has(name)).length, ready, deps, signal);
}

async function fillUp(
  held: HeldSlots,
  spare: readonly string[],
  lacking: (held: HeldSlots) => number,
  ready: ReadySlots,
  deps: Deps,
  signal: AbortSignal,
): Promise<HeldSlots> {
  const count = Math.min(lacking(held), spare.length);
  if (count <= 0) return held;
  const more = await takeAll(spare.slice(0, count), ready, deps, signal);
  const both = { slots: [...held.slots, ...more.slots], elsewhere: [...held.elsewhere, ...more.elsewhere] };
  return fillUp(both, spare.slice(count), lacking, ready, deps, signal);
}

async function takeAll(batch: readonly string[], ready: ReadySlots, deps: Deps, signal: AbortSignal): Promise<HeldSlots> {
  const tried = await Promise.all(batch.map((name) => take(name, ready, deps, signal)));
  return {
    slots: tried.flatMap((slot) => (typeof slot === 'string' ? [] : [slot])),
    elsewhere: tried.flatMap((slot) => (typeof slot === 'string' ? [slot] : [])),
  };
}

async function take(name: string, { seen }: ReadySlots, { leases, emit }: Deps, signal: AbortSignal): Promise<Slot | string> {
  const look = seen.get(name);
  const before = look === undefined ? undefined : { resourceVersion: look.lease?.metadata.resourceVersion, at: look.seenAt };
  const acquisition = await leases.acquire(slotLease(name), signal, before);
  if (acquisition.status === 'Acquired') return { name, lease: acquisition.lease, journal: openJournal(acquisition.lease) };
  emit({ type: 'slot-skipped', slot: name, reason: 'HeldElsewhere', message: `run ${acquisition.by} holds it` });
  return name;
}
