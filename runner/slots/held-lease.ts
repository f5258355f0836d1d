import type { Clock } from '../clock.ts';
import { isConflict, isNotFound, isTransient } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { formatDuration } from '../progress/format-duration.ts';

/** Why a Lease stopped being ours; what changes the cluster must stop at once. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  /** Another runner has it and goes on with what was ours. */
  readonly takenOver: boolean;

  constructor(message: string, { takenOver = false, ...options }: ErrorOptions & { takenOver?: boolean } = {}) {
    super(message, options);
    this.takenOver = takenOver;
  }
}

/**
 * A Lease that we hold. Every write goes through it, one after the other, at the resourceVersion known: taking over, fencing a runner
 * that was paused and writing ahead are one compare-and-swap, and a conflict with another holder means that it is not ours any more.
 */
export type HeldLease = {
  /** Aborts with LeaseLost when somebody else took it, or when it could not be renewed in time. */
  lost: AbortSignal;
  /** Annotations and labels as they were when we took it. */
  annotations: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** Sets an annotation, or removes it when undefined. Throws LeaseLost. */
  annotate(key: string, value: string | undefined): Promise<void>;
  label(key: string, value: string | undefined): Promise<void>;
  /** Gives it back: the holder is emptied, annotations stay. Once is enough; throws LeaseLost when it is not ours any more. */
  release(): Promise<void>;
  /** Stops renewing without a word to the server, as a killed process would. */
  abandon(): void;
};

export type LeaseTiming = {
  /** Milliseconds after which a Lease without a renewal may be taken over. */
  duration: number;
  /** Milliseconds between renewals. */
  renewal: number;
};

export function holdLease(
  taken: KubeObject,
  { cluster, clock, timing }: { cluster: Pick<Cluster, 'replace' | 'read'>; clock: Clock; timing: LeaseTiming },
): HeldLease {
  let current = taken;
  let tail: Promise<unknown> = Promise.resolve();
  const lost = new AbortController();
  const released = new AbortController();
  const over = AbortSignal.any([lost.signal, released.signal]);

  const write = (change: (lease: KubeObject) => KubeObject): Promise<void> => {
    const attempt = writeAfter(tail, change);
    tail = attempt.catch(() => undefined);
    return attempt;
  };

  void renew();
  void expire();

  return {
    lost: lost.signal,
    annotations: { ...taken.metadata.annotations },
    labels: { ...taken.metadata.labels },
    annotate: (key, value) => write((lease) => withMetadata(lease, 'annotations', key, value)),
    label: (key, value) => write((lease) => withMetadata(lease, 'labels', key, value)),
    async release() {
      if (released.signal.aborted) return;
      released.abort();
      await write((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: '' } }));
    },
    abandon: () => released.abort(),
  };

  async function writeAfter(others: Promise<unknown>, change: (lease: KubeObject) => KubeObject): Promise<void> {
    await others;
    lost.signal.throwIfAborted();
    current = await replace(current, change);
  }

  /** At a conflict the change is made again on top of what is there, as long as the Lease is still ours. */
  async function replace(known: KubeObject, change: (lease: KubeObject) => KubeObject): Promise<KubeObject> {
    for (let lease = known; ;) {
      try {
        return await cluster.replace(change({ ...lease, spec: { ...lease.spec, renewTime: microTime(clock.now()) } }), lost.signal);
      } catch (error) {
        lost.signal.throwIfAborted();
        if (!isConflict(error) && !isNotFound(error)) throw error;
        lease = await stillOurs(lease, error);
      }
    }
  }

  /**
   * The Lease as it is now: an answer to an earlier write of ours was lost, or somebody changed it without taking it. Throws LeaseLost
   * when somebody took it.
   */
  async function stillOurs({ apiVersion, kind, metadata: { name, namespace }, spec }: KubeObject, cause: unknown): Promise<KubeObject> {
    const found = await cluster.read({ apiVersion, kind, name, namespace }, lost.signal);
    const { holderIdentity, leaseTransitions } = found?.spec ?? {};
    if (found !== undefined && holderIdentity === spec.holderIdentity && leaseTransitions === spec.leaseTransitions) return found;
    const how =
      found === undefined ? 'was deleted' : holderIdentity ? `was taken over by ${holderIdentity}` : 'was taken over and given back';
    const error = new LeaseLost(`Lease ${namespace}/${name} ${how}`, { cause, takenOver: found !== undefined });
    lost.abort(error);
    throw error;
  }

  async function renew(): Promise<void> {
    while (await paused(timing.renewal)) {
      try {
        await write((lease) => lease);
      } catch (error) {
        // A server that is away may be back in time.
        if (lost.signal.aborted || isTransient(error)) continue;
        lost.abort(new LeaseLost(`Lease ${describe(current)} could not be renewed: ${(error as Error).message}`, { cause: error }));
      }
    }
  }

  /** Others may take it from then on, so we must not act on it any more, whatever kept us from renewing. They saw our write later than we sent it. */
  async function expire(): Promise<void> {
    for (;;) {
      const left = Date.parse(current.spec.renewTime) + timing.duration - clock.now().getTime();
      if (left <= 0)
        return lost.abort(new LeaseLost(`Lease ${describe(current)} could not be renewed for ${formatDuration(timing.duration)}`));
      if (!(await paused(left))) return;
    }
  }

  /** false when the Lease was released or lost meanwhile. */
  function paused(milliseconds: number): Promise<boolean> {
    return clock.sleep(milliseconds, over).then(
      () => true,
      () => false,
    );
  }
}

/** A new Lease object, or an existing one with us as its holder. */
export function withHolder(lease: KubeObject, holder: string, { now, timing }: { now: Date; timing: LeaseTiming }): KubeObject {
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: holder,
      // Never shorter than what we ourselves go by.
      leaseDurationSeconds: Math.ceil(timing.duration / 1000),
      acquireTime: microTime(now),
      renewTime: microTime(now),
      leaseTransitions: (lease.spec?.leaseTransitions ?? -1) + 1,
    },
  };
}

function describe({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function withMetadata(lease: KubeObject, field: 'annotations' | 'labels', key: string, value: string | undefined): KubeObject {
  const { [key]: _old, ...others } = lease.metadata[field] ?? {};
  return { ...lease, metadata: { ...lease.metadata, [field]: value === undefined ? others : { ...others, [key]: value } } };
}

/** Kubernetes' MicroTime: RFC 3339 with exactly six fraction digits. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
