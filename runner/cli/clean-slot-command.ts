import { systemClock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import { UsageError } from '../model/errors.ts';
import { plainLines } from '../progress/plain-lines.ts';
import { cleanSlot, type CleanEnd } from '../slots/clean-slot.ts';
import { JournalUnreadable } from '../slots/journal-text.ts';
import { openLeases } from '../slots/run-leases.ts';
import { openJournal, type SlotJournal } from '../slots/slot-journal.ts';
import type { HeldLease } from '../slots/held-lease.ts';
import { JOURNAL_ANNOTATION, SLOT_LEASE, slotLease } from '../slots/slot-lease.ts';
import { connectTo, type ClusterFlags } from './cluster-flags.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { runId } from './run-id.ts';
import { readVersion } from './version.ts';

/** As `run` has them when nothing is said. Milliseconds. */
const TIMING = { duration: 60_000, renewal: 10_000 };
const UNSCHEDULABLE_GRACE = 60_000;

/**
 * `fieldtrial slots clean`: takes the slot's Lease as a run would and empties the slot. 6 when a run that is alive holds it; 5 when it could
 * not be emptied and stays quarantined.
 */
export async function cleanSlotCommand(name: string, flags: ClusterFlags, context: CommandContext): Promise<number> {
  const { output, signal } = context;
  const clock = systemClock;
  const emit = plainLines(output.say, { now: () => clock.now() });
  const connection = await connectTo(flags, context);
  const { cluster } = connection;
  try {
    const holder = await holderOf(name, cluster, signal);
    if (holder !== '') output.say(`run ${holder} holds ${name}; it is taken over once it has been silent for the duration of its Lease`);
    const run = runId(clock.now());
    const leases = openLeases(run, { cluster, clock, emit, timing: TIMING });
    try {
      const acquisition = await leases.acquire(slotLease(name), signal);
      if (acquisition.status === 'Held') {
        output.say(`run ${acquisition.by} is alive and works in ${name}; end it first, it leaves the slot to whoever comes next`);
        return EXIT.held;
      }
      const { lease } = acquisition;
      const end = await cleanSlot(
        { name, lease, journal: readJournal(name, lease) },
        { cluster, clock, emit, unschedulableGrace: UNSCHEDULABLE_GRACE, runner: { version: await readVersion(), run } },
        signal,
      );
      output.data(describeEnd(name, end));
      return end.state.status === 'Clean' ? EXIT.done : EXIT.stopped;
    } finally {
      await leases.giveBack();
    }
  } finally {
    await connection.close();
  }
}

/** Taking a Lease creates it, and a slip of the pen must leave nothing behind in a namespace that is no slot. */
async function holderOf(slot: string, cluster: Pick<Cluster, 'read'>, signal: AbortSignal): Promise<string> {
  const { name, namespace } = slotLease(slot);
  const lease = await cluster.read({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, namespace }, signal);
  if (lease === undefined) throw new UsageError(`no run has ever taken ${slot} as a slot: it has no Lease ${SLOT_LEASE}`);
  return String(lease.spec?.holderIdentity ?? '');
}

function readJournal(slot: string, lease: HeldLease): SlotJournal {
  try {
    return openJournal(lease);
  } catch (cause) {
    if (!(cause instanceof JournalUnreadable)) throw cause;
    const remedy = `look at what runs in ${slot}, then remove the annotation ${JOURNAL_ANNOTATION} of its Lease ${SLOT_LEASE}`;
    throw new UsageError(`${cause.message}; ${remedy}`, { cause });
  }
}

function describeEnd(slot: string, { state, givenUp, tornDown, owed }: CleanEnd): string {
  const did = [
    ...(givenUp === undefined ? [] : [`${givenUp} is given up`]),
    ...(tornDown === undefined || tornDown === givenUp ? [] : [`what ${tornDown} left is deleted`]),
  ];
  const rest = owed.length === 0 ? [] : [`the next run pushes the record${owed.length === 1 ? '' : 's'} of ${owed.join(', ')}`];
  if (state.status === 'Dirty') return [`${slot} stays quarantined: ${state.reason}, ${state.message}`, ...rest].join('; ');
  return [`${slot} is clean`, ...did, ...rest].join('; ');
}
