import type { Emit } from '../progress/events.ts';
import { acquireLease, type Acquisition, type LeaseDeps, type LeaseName, type SeenLease } from './acquire-lease.ts';
import { giveBackLease } from './give-back-lease.ts';

/** The Leases of one run: whatever ends it, none is left to run out. */
export type RunLeases = {
  acquire(lease: LeaseName, signal: AbortSignal, seen?: SeenLease): Promise<Acquisition>;
  /** Gives back what is held by then, and stops asking for more. */
  giveBack(): Promise<void>;
};

export function openLeases(holder: string, deps: LeaseDeps & { emit: Emit }): RunLeases {
  const asked: Promise<Acquisition>[] = [];
  const closing = new AbortController();
  return {
    acquire(lease, signal, seen) {
      const acquisition = acquireLease(lease, holder, { ...deps, seen }, AbortSignal.any([signal, closing.signal]));
      asked.push(acquisition);
      return acquisition;
    },
    async giveBack() {
      closing.abort(new Error('the run has ended'));
      const settled = await Promise.allSettled(asked);
      const held = settled.flatMap((each) => (each.status === 'fulfilled' && each.value.status === 'Acquired' ? [each.value.lease] : []));
      await Promise.all(held.map((lease) => giveBackLease(lease, deps.emit)));
    },
  };
}
