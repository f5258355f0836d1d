import type { Clock } from '../clock.ts';
import type { RemoteLedger } from '../ledger/open-ledger.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Experiment } from '../model/experiment.ts';
import type { RemoteLink } from '../model/remote.ts';
import type { Emit } from '../progress/events.ts';
import type { ExperimentsApi } from './experiments-api.ts';
import { remoteSource, type RemoteSource } from './remote-source.ts';
import { openReports } from './reports.ts';

/** What a run has to do with the remote API of its installation. */
export type RunRemote = {
  sourceOf(experiment: { experiment: Experiment; digest: string }): RemoteSource;
  /** Takes records as the ledger does, and reports what they decide: they are safe in the journal then. */
  submit: Ledger['submit'];
  /** Sends what is owed, by earlier runs too; what the API does not take now stays owed, for the next run. */
  deliver(): Promise<void>;
};

export function openRemote(
  { api, patience }: { api: ExperimentsApi; patience: number },
  { ledger, clock, emit }: { ledger: Pick<Ledger, 'records' | 'submit'> & { remote: RemoteLedger }; clock: Clock; emit: Emit },
  signal: AbortSignal,
): RunRemote {
  // Whatever became of the experiments since.
  const earlier = ledger.remote.owing().flatMap((experiment) => {
    const records = new Map(ledger.records(experiment).map((record) => [record.spec.uid, record]));
    return ledger.remote.state(experiment).owed.map((each) => ({ ...each, experiment, record: records.get(each.uid) }));
  });
  const reports = openReports(earlier, { api, delivered: ledger.remote.delivered, emit }, signal);

  return {
    sourceOf(each) {
      const { name } = each.experiment;
      const link = {
        current: () => ledger.remote.state(name).link,
        change: (changed: RemoteLink) => ledger.remote.link(name, changed),
      };
      return remoteSource(each, { api, reports, link, clock, emit, patience });
    },
    submit(record) {
      reports.owe(record);
      return ledger.submit(record);
    },
    async deliver() {
      try {
        if (!signal.aborted) await reports.deliver(signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
