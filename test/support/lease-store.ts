import { ClusterError } from '../../runner/cluster/errors.ts';
import type { Cluster, KubeObject } from '../../runner/cluster/port.ts';
import { unlessAborted } from '../../runner/unless-aborted.ts';

/** Leases of slots in memory behind the Cluster port, with the API server's optimistic locking, and what tests do to them from outside. */
export type LeaseStore = {
  cluster: Pick<Cluster, 'read' | 'create' | 'replace'>;
  get(slot?: string): KubeObject | undefined;
  /** What somebody else changes: any field, at a new resourceVersion. */
  edit(change: (lease: KubeObject) => void, slot?: string): void;
  delete(slot?: string): void;
  /** The next call of this verb fails: `before` it did anything, or `after`, as when an answer is lost. */
  fail(verb: 'read' | 'create' | 'replace', error: Error, when?: 'before' | 'after'): void;
  /** Every call waits until the signal aborts or `answer` is called: a server that is away. */
  silence(): { answer(): void };
  /** How many there were, of any verb. */
  calls(): number;
};

const SLOT = 'shop';

export function leaseStore(leases: readonly KubeObject[] = []): LeaseStore {
  const stored = new Map<string, KubeObject>();
  const failures: { verb: string; error: Error; when: 'before' | 'after' }[] = [];
  let calls = 0;
  let version = 0;
  let silent: PromiseWithResolvers<void> | undefined;

  function put(lease: KubeObject): KubeObject {
    version += 1;
    const next = structuredClone({ ...lease, metadata: { ...lease.metadata, resourceVersion: String(version) } });
    stored.set(String(lease.metadata.namespace), next);
    return structuredClone(next);
  }

  function create(lease: KubeObject): KubeObject {
    if (stored.has(String(lease.metadata.namespace))) throw new ClusterError(409, 'AlreadyExists', 'the Lease exists already');
    return put(lease);
  }

  function replace(lease: KubeObject): KubeObject {
    const current = stored.get(String(lease.metadata.namespace));
    if (current === undefined) throw new ClusterError(404, 'NotFound', 'there is no such Lease');
    if (current.metadata.resourceVersion !== lease.metadata.resourceVersion)
      throw new ClusterError(409, 'Conflict', 'the Lease has been modified');
    return put(lease);
  }

  async function call<Value>(verb: string, work: () => Value, signal: AbortSignal): Promise<Value> {
    calls += 1;
    await unlessAborted(silent?.promise ?? Promise.resolve(), signal);
    const index = failures.findIndex((each) => each.verb === verb);
    const [failure] = index < 0 ? [] : failures.splice(index, 1);
    if (failure?.when === 'before') throw failure.error;
    const value = work();
    if (failure !== undefined) throw failure.error;
    return value;
  }

  leases.forEach(put);
  return {
    calls: () => calls,
    cluster: {
      read: ({ namespace }, signal) => call('read', () => structuredClone(stored.get(String(namespace))), signal),
      create: (lease, signal) => call('create', () => create(lease as KubeObject), signal),
      replace: (lease, signal) => call('replace', () => replace(lease), signal),
    },
    get: (slot = SLOT) => structuredClone(stored.get(slot)),
    edit(change, slot = SLOT) {
      const lease = structuredClone(stored.get(slot)!);
      change(lease);
      put(lease);
    },
    delete: (slot = SLOT) => void stored.delete(slot),
    fail: (verb, error, when = 'before') => void failures.push({ verb, error, when }),
    silence() {
      silent = Promise.withResolvers<void>();
      const { resolve } = silent;
      return {
        answer() {
          silent = undefined;
          resolve();
        },
      };
    },
  };
}
