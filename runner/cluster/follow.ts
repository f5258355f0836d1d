import { systemClock, type Clock } from '../clock.ts';
import { batches } from './batches.ts';
import { isGone, isTransient } from './errors.ts';
import { fromList, NOTHING_KNOWN, withEvents, type KnownObjects } from './known-objects.ts';
import type { Cluster, KubeObject, ObjectQuery } from './port.ts';
import { backoff } from '../retry.ts';

export type FollowOptions = {
  /**
   * Begin with a list: a request more, and the first set is whole and is yielded even when it is empty. Without it the first set
   * comes with the first object that the watch announces, may grow over several yields, and an empty one is announced by the first
   * bookmark, which a server sends when it likes.
   */
  initialList?: boolean;
  /** Milliseconds of silence after which a list tells whether the watch still lives; default 30 s. */
  pollInterval?: number;
  clock?: Clock;
};

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * The objects of a query by name (`namespace/name` when the query is for all namespaces), whenever they changed; a consumer that is
 * slow gets the latest set, not each one. Resumes the watch where it ended, lists again when the server forgot that place (410) or
 * the watch falls silent, and outlasts an API server that is away. Ends only by throwing: the signal's reason when it aborts, a
 * ClusterError when the server refuses (403, an unknown kind).
 */
export async function* follow(
  cluster: Pick<Cluster, 'watch' | 'list'>,
  query: ObjectQuery,
  signal: AbortSignal,
  { initialList = false, pollInterval = 30_000, clock = systemClock }: FollowOptions = {},
): AsyncGenerator<ReadonlyMap<string, KubeObject>> {
  let known = NOTHING_KNOWN;
  let shown: ReadonlyMap<string, KubeObject> | undefined;
  let listFirst = initialList;
  let failures = 0;

  while (true) {
    if (failures > 0) await clock.sleep(backoff(failures, FIRST_WAIT, LONGEST_WAIT), signal);
    // Counts as one until the watch shows life: also a server that ends watches at once must not be asked in a tight loop.
    failures += 1;
    const session = new AbortController();
    const sets = followOnce(cluster, query, known, listFirst, pollInterval, clock, AbortSignal.any([signal, session.signal]));
    try {
      for await (const set of sets) {
        if (listFirst) listFirst = false;
        else failures = 0;
        known = set;
        if (known.objects === shown) continue;
        shown = known.objects;
        yield shown;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isGone(error)) listFirst = true;
      else if (!isTransient(error)) throw error;
    } finally {
      session.abort();
    }
  }
}

/** One watch, until it ends, breaks or turns out to have kept a change to itself; every set it yields is a sign of life. */
async function* followOnce(
  cluster: Pick<Cluster, 'watch' | 'list'>,
  query: ObjectQuery,
  from: KnownObjects,
  listFirst: boolean,
  pollInterval: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<KnownObjects> {
  let known = from;
  if (listFirst) {
    known = fromList(await cluster.list(query, signal), known, query);
    yield known;
  }
  const events = cluster.watch({ ...query, resourceVersion: known.resourceVersion }, signal);
  for await (const batch of batches(events, pollInterval, clock, signal)) {
    if (batch.length > 0) {
      known = withEvents(known, batch, query);
      yield known;
      continue;
    }
    const listed = fromList(await cluster.list(query, signal), known, query);
    yield listed;
    // The next watch begins where this list ended.
    if (listed.objects !== known.objects) return;
  }
}
