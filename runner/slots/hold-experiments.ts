import type { CheckedExperiment } from '../check-definitions.ts';
import type { Emit } from '../progress/events.ts';
import type { HeldLease } from './held-lease.ts';
import type { RunLeases } from './run-leases.ts';
import { experimentLease } from './slot-lease.ts';

export type HeldExperiment = CheckedExperiment & { lease: HeldLease };

export type HeldExperiments = { experiments: HeldExperiment[]; elsewhere: string[] };

type Deps = { leases: Pick<RunLeases, 'acquire'>; emit: Emit; namespace: string };

/** Takes the Lease of every experiment that has work; one that another runner holds is skipped and says by whom. */
export async function holdExperiments(
  work: readonly CheckedExperiment[],
  { leases, emit, namespace }: Deps,
  signal: AbortSignal,
): Promise<HeldExperiments> {
  const tried = await Promise.all(
    work.map(async (each) => ({ each, acquisition: await leases.acquire(experimentLease(each.experiment.name, namespace), signal) })),
  );
  const experiments = tried.flatMap(({ each, acquisition }) =>
    acquisition.status === 'Acquired' ? [{ ...each, lease: acquisition.lease }] : [],
  );
  const elsewhere = tried.flatMap(({ each, acquisition }) => {
    if (acquisition.status === 'Acquired') return [];
    const { name } = each.experiment;
    emit({ type: 'experiment-skipped', experiment: name, reason: 'HeldElsewhere', message: `run ${acquisition.by} holds it` });
    return [name];
  });
  return { experiments, elsewhere };
}
