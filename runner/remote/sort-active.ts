import { dutyOf, remoteUrl } from '../model/remote.ts';
import type { TrialRecord } from '../model/record.ts';
import type { BegunTrial } from '../plan/generation.ts';

export type KnownTrials = {
  /** Every record of the experiment. */
  records: readonly TrialRecord[];
  /** Trials that were begun and have no record yet. */
  pending: readonly Pick<BegunTrial, 'source'>[];
};

/**
 * What becomes of the trials that the API has handed out and heard nothing of. One that no record and no journal knows was handed out to a
 * runner that never got to begin it: it is taken up. One that runs, that waits for its second try, or whose report is owed is left alone.
 * Any other will never be answered, and is abandoned.
 */
export function sortActive<Trial extends { url: string }>(
  active: readonly Trial[],
  { records, pending }: KnownTrials,
  { digest, owes }: { digest: string; owes(url: string): boolean },
): { takenUp: Trial[]; abandoned: Trial[] } {
  const running = new Set(pending.flatMap(({ source }) => remoteUrl(source) ?? []));
  const lastRecords = new Map(
    records.flatMap((record) => {
      const url = remoteUrl(record.spec.source);
      return url === undefined ? [] : [[url, record] as const];
    }),
  );
  const isTriedAgain = ({ spec, status }: TrialRecord) => dutyOf({ spec, status }) === undefined && spec.definition.digest === digest;

  const open = active.filter(({ url }) => !running.has(url) && !owes(url));
  return {
    takenUp: open.filter(({ url }) => !lastRecords.has(url)),
    abandoned: open.filter(({ url }) => {
      const last = lastRecords.get(url);
      return last !== undefined && !isTriedAgain(last);
    }),
  };
}
