import { dump } from 'js-yaml';
import { ClusterError } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { UsageError } from '../model/errors.ts';
import { LABELS } from '../model/names.ts';
import { formatDuration } from '../progress/format-duration.ts';
import { textTable } from '../progress/text-table.ts';
import { slotLease } from '../slots/slot-lease.ts';
import { slotStatus, type SlotStatus } from '../slots/slot-status.ts';
import { connectTo, type ClusterFlags } from './cluster-flags.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';

export type SlotsFlags = ClusterFlags & { slots?: string[]; output: 'table' | 'json' | 'yaml' | 'name' };

const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

/** `fieldtrial slots`: what the Leases of slots tell. Only reads. */
export async function slotsCommand(flags: SlotsFlags, context: CommandContext): Promise<number> {
  const { output, signal } = context;
  const connection = await connectTo(flags, context);
  try {
    const { slots: names } = flags;
    const leases = await (names === undefined ? listLeases(connection.cluster, signal) : readLeases(names, connection.cluster, signal));
    const found = leases.map((lease) => slotStatus(String(lease.metadata.namespace), lease));
    const untouched = names?.filter((name) => !found.some(({ slot }) => slot === name)) ?? [];
    if (flags.output === 'json') output.data(JSON.stringify(found, undefined, 2));
    else if (flags.output === 'yaml') output.data(dump(found, { lineWidth: -1 }));
    else if (flags.output === 'name') for (const { slot } of found) output.data(slot);
    else for (const line of slotsTable(found, new Date())) output.data(line);
    if (untouched.length > 0) output.say(`no run has ever taken ${untouched.join(', ')}`);
    return EXIT.done;
  } finally {
    await connection.close();
  }
}

async function listLeases(cluster: Pick<Cluster, 'list'>, signal: AbortSignal): Promise<KubeObject[]> {
  try {
    const { items } = await cluster.list({ ...LEASE, labelSelector: `${LABELS.role}=slot` }, signal);
    return items.toSorted((a, b) => (String(a.metadata.namespace) < String(b.metadata.namespace) ? -1 : 1));
  } catch (cause) {
    if (!(cause instanceof ClusterError) || cause.status !== 403) throw cause;
    throw new UsageError('Leases of all namespaces may not be listed with this login; name the slots with --slots', { cause });
  }
}

async function readLeases(names: readonly string[], cluster: Pick<Cluster, 'read'>, signal: AbortSignal): Promise<KubeObject[]> {
  const read = names.map(async (slot) => {
    const { name, namespace } = slotLease(slot);
    return cluster.read({ ...LEASE, name, namespace }, signal);
  });
  return (await Promise.all(read)).filter((lease) => lease !== undefined);
}

function slotsTable(found: readonly SlotStatus[], now: Date): string[] {
  if (found.length === 0) return ['no slots: no run has ever taken a namespace'];
  const rows = found.map((each) => [each.slot, stateOf(each), holderOf(each, now), journalOf(each)]);
  const reasons = found.flatMap(({ slot, quarantine, unreadable }) => [
    ...(quarantine ? [`${slot}: ${quarantine.reason}, ${quarantine.message}`] : []),
    ...(unreadable === undefined ? [] : [`${slot}: ${unreadable}`]),
  ]);
  return [...textTable(['SLOT', 'STATE', 'HOLDER', 'JOURNAL'], rows), ...(reasons.length > 0 ? ['', ...reasons] : [])];
}

function stateOf({ holder, quarantine, trial, teardown, unreadable }: SlotStatus): string {
  if (unreadable !== undefined) return 'Unreadable';
  if (quarantine !== undefined) return 'Quarantined';
  if (holder !== undefined) return 'Held';
  return trial !== undefined || teardown !== undefined ? 'Unfinished' : 'Free';
}

function holderOf({ holder, renewed }: SlotStatus, now: Date): string {
  if (holder === undefined) return '-';
  const age = renewed === undefined ? NaN : now.getTime() - Date.parse(renewed);
  return Number.isNaN(age) ? holder : `${holder}, renewed ${formatDuration(Math.max(0, age))} ago`;
}

function journalOf({ trial, teardown, owed, restore }: SlotStatus): string {
  const parts = [
    ...(trial ? [`${trial.name} at ${trial.stage}`] : []),
    ...(teardown === undefined ? [] : [`teardown of ${teardown}`]),
    ...(owed.length > 0 ? [`to push: ${owed.join(' ')}`] : []),
    ...(restore.length > 0 ? [`to put back: ${restore.join(', ')}`] : []),
  ];
  return parts.join('; ') || '-';
}
