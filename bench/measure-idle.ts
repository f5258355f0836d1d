import { join } from 'node:path';
import { repositoryFiles, slotNames } from './loads.ts';
import { driveRunner, observe, type Stand } from './measure-trials.ts';
import { createRepository } from './repository.ts';

/** Requests per second and slot while a trial's Job does nothing but run, by verb and resource. */
export type IdleScore = { slots: number; seconds: number; requestsByVerb: Record<string, number> };

/** The start and the end of a trial do not count as idle. Milliseconds. */
const MARGIN = 3_000;

/** Lets each slot run one long Job and counts what the runner asks meanwhile, its Leases wherever they are included. */
export async function measureIdle(slots: number, seconds: number, stand: Stand): Promise<IdleScore> {
  const load = { kind: 'plain', slots, trials: 1, seconds } as const;
  const repository = await createRepository(join(stand.folder, 'idle.git'), repositoryFiles(load));
  const { events, times, user } = await observe(stand.cluster.runner, stand.audit, () => driveRunner(load, repository, stand));
  const from = Math.max(...times.map(({ created }) => created)) + MARGIN;
  const until = Math.min(...times.map(({ ended }) => ended)) - MARGIN;
  const idle = events.filter((event) => {
    const received = Date.parse(event.requestReceivedTimestamp);
    return event.user.username === user && received >= from && received < until;
  });
  const groups = Map.groupBy(idle, ({ verb, objectRef }) => `${verb} ${objectRef?.resource}`);
  const perSecond = (count: number) => count / ((until - from) / 1000) / slotNames(slots).length;
  const counts = [...groups].map(([what, { length }]): [string, number] => [what, perSecond(length)]);
  return { slots, seconds: (until - from) / 1000, requestsByVerb: Object.fromEntries(counts.toSorted((a, b) => b[1] - a[1])) };
}
