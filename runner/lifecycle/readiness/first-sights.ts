import type { Clock } from '../../clock.ts';

/** Milliseconds since something was first seen, by a key that is its own for as long as it lasts; 0 at the first sight. */
export type SeenFor = (key: string) => number;

/**
 * Remembers when each thing was first seen. Graces count from there and not from the cluster's own times, from which the runner's clock
 * may differ by more than a grace lasts. Whoever begins to look later gives the whole of it again.
 */
export function firstSights({ now }: Pick<Clock, 'now'>): SeenFor {
  const sights = new Map<string, number>();
  return (key) => {
    const time = now().getTime();
    const first = sights.get(key) ?? time;
    sights.set(key, first);
    return time - first;
  };
}
