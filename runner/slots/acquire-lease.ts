import type { Clock } from '../clock.ts';
import { isAlreadyExists, isConflict } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { holdLease, withHolder, type HeldLease, type LeaseTiming } from './held-lease.ts';

export type Acquisition = { status: 'Acquired'; lease: HeldLease } | { status: 'Held'; by: string };

export type LeaseDeps = { cluster: Pick<Cluster, 'read' | 'create' | 'replace'>; clock: Clock; timing: LeaseTiming };

export type LeaseName = { name: string; namespace: string; labels: Record<string, string> };

/** A Lease as it was when somebody looked before: its silence counts from then (`at`, milliseconds). */
export type SeenLease = { resourceVersion: string | undefined; at: number };

const LOOK_INTERVAL = 1_000;

/**
 * Takes a Lease, or says who holds it. A holder that is silent for the Lease's whole duration, as we observe it (clocks differ, so its
 * own renewTime proves nothing), is taken over; one that renews once is alive.
 */
export async function acquireLease(
  { name, namespace, labels }: LeaseName,
  holder: string,
  deps: LeaseDeps & { seen?: SeenLease | undefined },
  signal: AbortSignal,
): Promise<Acquisition> {
  const { cluster, clock, timing } = deps;
  const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, namespace };
  const take = async (lease: KubeObject): Promise<Acquisition | undefined> => {
    const wanted = withHolder(lease, holder, { now: clock.now(), timing });
    try {
      const taken =
        lease.metadata.resourceVersion === undefined ? await cluster.create(wanted, signal) : await cluster.replace(wanted, signal);
      return { status: 'Acquired', lease: holdLease(taken, { cluster, clock, timing }) };
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return undefined;
      throw error;
    }
  };

  for (;;) {
    const found = await cluster.read(ref, signal);
    const free = found === undefined || !found.spec?.holderIdentity || found.spec.holderIdentity === holder;
    const candidate = free ? found : await silentLease(found, ref, deps, signal);
    if (candidate === 'renewed') return { status: 'Held', by: String(found?.spec?.holderIdentity) };
    const acquired = await take(
      candidate ?? { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name, namespace, labels }, spec: {} },
    );
    if (acquired !== undefined) return acquired;
  }
}

/** Watches a held Lease until it is renewed, released, gone, or has been silent for its duration. */
async function silentLease(
  first: KubeObject,
  ref: { apiVersion: string; kind: string; name: string; namespace: string },
  { cluster, clock, seen }: LeaseDeps & { seen?: SeenLease | undefined },
  signal: AbortSignal,
): Promise<KubeObject | undefined | 'renewed'> {
  const since = seen !== undefined && seen.resourceVersion === first.metadata.resourceVersion ? seen.at : clock.now().getTime();
  const duration = (first.spec.leaseDurationSeconds ?? 60) * 1000;
  for (let now: KubeObject | undefined = first; ; now = await cluster.read(ref, signal)) {
    if (now === undefined || !now.spec?.holderIdentity) return now;
    if (now.metadata.resourceVersion !== first.metadata.resourceVersion) return 'renewed';
    if (clock.now().getTime() - since >= duration) return now;
    await clock.sleep(Math.min(LOOK_INTERVAL, duration / 4), signal);
  }
}
