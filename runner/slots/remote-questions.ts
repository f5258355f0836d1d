import type { Clock } from '../clock.ts';
import { nextNumber, type NextTrial, type Stop } from '../plan/plan-next.ts';
import type { RemoteHistory, RemoteSource } from '../remote/remote-source.ts';

/** What follows from an answer, as long as the question still counts as open. */
type Consequences<Begun> = {
  /** Of the experiment, as it is when it is looked at. */
  history(): RemoteHistory;
  begin(next: NextTrial): Begun;
  stop(stop: Stop): void;
};

/** The questions of one run to the remote APIs of its experiments, one at a time for each; experiments are known by name. */
export type RemoteQuestions = {
  /** How many have no answer yet. */
  open(): number;
  isOpen(experiment: string): boolean;
  /** From when on an API that had nothing may be asked again; milliseconds of the clock, 0 where it may be at once. */
  notBefore(experiment: string): number;
  /** One of the experiment's trials has ended, which its API may have waited for. */
  ended(experiment: string): void;
  /** Begins what the API hands out; undefined when it has nothing, and what follows from that is noted. Rejects with the signal's reason. */
  ask<Begun>(
    experiment: string,
    source: Pick<RemoteSource, 'next'>,
    consequences: Consequences<Begun>,
    signal: AbortSignal,
  ): Promise<Begun | undefined>;
};

export function remoteQuestions(clock: Clock): RemoteQuestions {
  const open = new Set<string>();
  const later = new Map<string, number>();
  return {
    open: () => open.size,
    isOpen: (experiment) => open.has(experiment),
    notBefore: (experiment) => later.get(experiment) ?? 0,
    ended: (experiment) => void later.delete(experiment),
    async ask(experiment, source, { history, begin, stop }, signal) {
      open.add(experiment);
      try {
        const answer = await source.next(history(), signal);
        switch (answer.status) {
          case 'Trial': {
            const { url, assignments } = answer;
            return begin({ number: nextNumber(history()), assignments, source: { type: 'remote', url } });
          }
          case 'Later':
            later.set(experiment, clock.now().getTime() + answer.wait);
            return undefined;
          case 'Finished':
            // The planner knows from here on, and may still have something of its own.
            return undefined;
          case 'Unavailable':
            stop({ reason: 'RemoteUnavailable', message: answer.message });
            return undefined;
          case 'Refused':
            stop({ reason: 'RemoteRefused', message: answer.message });
            return undefined;
        }
      } finally {
        open.delete(experiment);
      }
    },
  };
}
