import type { Clock } from '../clock.ts';
import { follow } from '../cluster/follow.ts';
import type { Cluster, KubeObject, ObjectQuery } from '../cluster/port.ts';
import { ticking } from './ticking.ts';

export type Watching = {
  cluster: Pick<Cluster, 'watch' | 'list'>;
  clock: Clock;
  /** Milliseconds without a change after which it is asked all the same. */
  interval: number;
  /** Several objects are judged together, so that the first set must be whole: a request more. */
  whole?: boolean;
};

/**
 * What is concluded from the objects of a query: asked after every change, and at every tick without one, until it answers. A tick
 * before the first change has no objects yet. Rejects with the signal's reason when it aborts.
 */
export async function decideByWatching<Answer>(
  query: ObjectQuery,
  { cluster, clock, interval, whole = false }: Watching,
  ask: (objects: KubeObject[] | undefined, beat: 'change' | 'tick') => Promise<Answer | undefined>,
  signal: AbortSignal,
): Promise<Answer> {
  const decided = new AbortController();
  const scoped = AbortSignal.any([signal, decided.signal]);
  let objects: KubeObject[] | undefined;
  try {
    for await (const beat of ticking(follow(cluster, query, scoped, { clock, initialList: whole }), interval, clock, scoped)) {
      if (beat.type === 'change') objects = [...beat.value.values()].map((object) => named(object, query));
      const answer = await ask(objects, beat.type);
      if (answer !== undefined) return answer;
    }
  } finally {
    decided.abort();
  }
  signal.throwIfAborted();
  throw new Error(`the watch of ${query.kind} ended although nothing aborted it`);
}

/** Lists leave the items' own apiVersion and kind out. */
export function named(item: KubeObject, { apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): KubeObject {
  return { ...item, apiVersion, kind };
}
