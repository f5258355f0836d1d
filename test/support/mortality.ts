import type { Cluster } from '../../runner/cluster/port.ts';
import type { Ledger } from '../../runner/ledger/port.ts';

/**
 * A life of the runner whose process is killed at the given step (a change of the world): the step took effect or did not, and nothing
 * answers from then on.
 */
export type Mortality = {
  /** How many steps were taken. */
  taken(): number;
  step<Value>(work: () => Promise<Value>): Promise<Value>;
  /** What changes nothing. */
  living<Value>(work: () => Promise<Value>): Promise<Value>;
};

export function mortality(dies: number, when: 'before' | 'after' = 'before'): Mortality {
  let taken = 0;
  const never = new Promise<never>(() => undefined);
  return {
    taken: () => taken,
    async step(work) {
      taken += 1;
      if (taken > dies || (taken === dies && when === 'before')) return never;
      const value = await work();
      return taken === dies ? never : value;
    },
    living: (work) => (taken >= dies ? never : work()),
  };
}

export function mortalCluster<Mortal extends Cluster>(cluster: Mortal, { step, living }: Mortality): Mortal {
  return {
    ...cluster,
    read: (ref, signal) => living(() => cluster.read(ref, signal)),
    list: (query, signal) => living(() => cluster.list(query, signal)),
    create: (object, signal) => step(() => cluster.create(object, signal)),
    replace: (object, signal) => step(() => cluster.replace(object, signal)),
    patch: (...parameters) => step(() => cluster.patch(...parameters)),
    remove: (ref, options, signal) => step(() => cluster.remove(ref, options, signal)),
  };
}

export function mortalLedger<Mortal extends Ledger>(ledger: Mortal, { step, living }: Mortality): Mortal {
  return { ...ledger, submit: (record) => step(() => ledger.submit(record)), flush: (signal) => living(() => ledger.flush(signal)) };
}
