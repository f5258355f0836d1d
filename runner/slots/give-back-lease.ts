import type { Emit } from '../progress/events.ts';
import type { HeldLease } from './held-lease.ts';

/** Gives a Lease back, unless it is lost; one that cannot be given back runs out by itself, which is said and costs the next run its wait. */
export async function giveBackLease(lease: HeldLease, emit: Emit): Promise<void> {
  if (lease.lost.aborted) return;
  try {
    await lease.release();
  } catch (error) {
    lease.abandon();
    emit({ type: 'notice', level: 'warning', message: `a Lease could not be given back and has to run out: ${(error as Error).message}` });
  }
}
