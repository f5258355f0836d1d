import type { CheckedExperiment } from '../check-definitions.ts';
import type { Clock } from '../clock.ts';
import { isForbidden } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { discoverSlots, type SlotCandidates } from './discover-slots.ts';
import type { Journal } from '../lifecycle/trial-progress.ts';
import { isEmptyJournal, JournalUnreadable, parseJournal } from './journal-text.ts';
import { JOURNAL_ANNOTATION, SLOT_LEASE, slotLease } from './slot-lease.ts';

/** A slot's Lease as it was when we first looked: how long it has been silent counts from then. */
export type SeenSlot = { slot: string; lease: KubeObject | undefined; seenAt: number };

export type FoundSlots = {
  /** Every candidate of every experiment, in order. */
  all: string[];
  /** The candidates of each experiment, by name. */
  candidates: Map<string, string[]>;
  left: SlotCandidates['left'];
  /** Namespaces that do not exist; the namespaceTemplate of the first of their experiments makes them. */
  missing: string[];
  /** Namespaces that a run has made. */
  made: string[];
  /** Experiments whose namespaceSelector could not be looked up, because we may not list namespaces. */
  unlisted: string[];
  /** Of each experiment, by name, the candidates that we may not look at, so that whether they fit it is not known. */
  unseen: Map<string, string[]>;
  seen: Map<string, SeenSlot>;
  /** Slots whose journal tells of something begun and not finished. */
  unfinished: string[];
};

/**
 * Finds the slots of all experiments and reads their journals, without taking anything. With `everySlot` those of the installation's list
 * that no experiment wants are looked at too.
 */
export async function findSlots(
  experiments: readonly CheckedExperiment[],
  { everySlot, ...given }: { slots: readonly string[] | undefined; namespace: string | undefined; everySlot: boolean },
  { cluster, own, clock }: { cluster: Cluster; own: string | undefined; clock: Clock },
  signal: AbortSignal,
): Promise<FoundSlots> {
  const limits = { ...given, own };
  const wanted = await Promise.all(
    experiments.map(async ({ experiment }) => ({ name: experiment.name, ...(await discoverSlots(experiment, limits, cluster, signal)) })),
  );
  const told = union(wanted.flatMap((each) => [each.slots, each.absent, each.left.map(({ slot }) => slot)]));
  const unwanted = everySlot ? (limits.slots ?? []).filter((slot) => !told.includes(slot)) : [];
  const found = [...wanted, await discoverSlots(NOBODY, { ...limits, slots: unwanted }, cluster, signal)];
  // Slots that no experiment wants any more may still hold something unfinished.
  const named = union([...found.map(({ slots }) => slots), limits.slots ?? []]);
  // Where there is no namespace there is no Lease, and whoever has no rights everywhere would be refused there.
  const absent = union(found.map((each) => each.absent));
  const there = named.filter((slot) => !absent.includes(slot));
  const seen = await Promise.all(there.map((slot) => look(slot, cluster, clock, signal)));
  const journals = seen.map(readJournal);
  const unreadable = journals.flatMap((each) => ('journal' in each ? [] : [each]));
  const [missing, made] = [union(found.map((each) => each.missing)), union(found.map((each) => each.made))];
  const left = [...found.flatMap((each) => each.left), ...unreadable].filter(({ slot }) => !missing.includes(slot));
  const isReadable = (slot: string) => !unreadable.some((each) => each.slot === slot);
  return {
    all: named.filter((slot) => isReadable(slot) && (there.includes(slot) || missing.includes(slot))),
    candidates: new Map(wanted.map(({ name, slots }) => [name, slots.filter(isReadable)])),
    left: [...new Map(left.map((each) => [each.slot, each])).values()],
    missing,
    made,
    unlisted: wanted.flatMap(({ name, unlisted }) => (unlisted ? [name] : [])),
    unseen: new Map(wanted.map(({ name, unseen }) => [name, unseen])),
    seen: new Map(seen.map((each) => [each.slot, each])),
    unfinished: journals.flatMap((each) => ('journal' in each && !isEmptyJournal(each.journal) ? [each.slot] : [])),
  };
}

/** Wants any slot, and has none made. */
const NOBODY = { name: '', replicas: 0 };

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

function readJournal({ slot, lease }: SeenSlot): { slot: string; journal: Journal } | SlotCandidates['left'][number] {
  try {
    return { slot, journal: parseJournal(lease?.metadata.annotations?.[JOURNAL_ANNOTATION]) };
  } catch (error) {
    if (!(error instanceof JournalUnreadable)) throw error;
    const message = `${error.message}; look at what runs in ${slot}, then remove the annotation ${JOURNAL_ANNOTATION} of its Lease ${SLOT_LEASE}`;
    return { slot, reason: 'JournalUnreadable', message };
  }
}

/** The slot's Lease as it is now; one that we may not read is as good as none. */
export async function look(slot: string, cluster: Pick<Cluster, 'read'>, clock: Clock, signal: AbortSignal): Promise<SeenSlot> {
  const { name, namespace } = slotLease(slot);
  // Not before the answer is there: its holder may have renewed the Lease until then.
  const seen = (lease: KubeObject | undefined) => ({ slot, lease, seenAt: clock.now().getTime() });
  try {
    return seen(await cluster.read({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, namespace }, signal));
  } catch (error) {
    // The preflight says which rules are missing, all at once.
    if (isForbidden(error)) return seen(undefined);
    throw error;
  }
}
