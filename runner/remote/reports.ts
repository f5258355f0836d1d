import type { OwedReport } from '../model/remote.ts';
import { dutyOf, remoteUrl } from '../model/remote.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Emit } from '../progress/events.ts';
import type { ExperimentsApi } from './experiments-api.ts';
import { isOutage, RemoteError } from './remote-error.ts';
import { trialReport } from './trial-report.ts';

/** A report that an earlier run owed; without its record nothing can be said but that the trial is given up. */
export type EarlierReport = OwedReport & { experiment: string; record: TrialRecord | undefined };

export type Reports = {
  /** Notes what a decided trial owes to the API, and begins to send it. */
  owe(record: TrialRecord): void;
  /** Whether something is owed at this URL. */
  owes(url: string): boolean;
  /** Sends everything that is owed. Resolves with the last failure, after which something stays owed; undefined: nothing is left. */
  deliver(signal: AbortSignal): Promise<RemoteError | undefined>;
};

type Owed = { uid: string; trial: string; experiment: string; url: string; record: TrialRecord | undefined };

/**
 * Reports of trials, each sent until the API has taken it: a report that was sent twice is answered with 409, and one of a trial that the
 * API no longer knows with 404, which is the end of it too (R§12). `delivered` is told of each. An API that is away delays reports and
 * loses none; what is left when the run ends is for the next one.
 */
export function openReports(
  earlier: readonly EarlierReport[],
  { api, delivered, emit }: { api: Pick<ExperimentsApi, 'report' | 'abandon'>; delivered(uid: string): void; emit: Emit },
  signal: AbortSignal,
): Reports {
  const owed = new Map<string, Owed>(earlier.map((each) => [each.uid, each]));
  const done = new Set<string>();
  let chain: Promise<unknown> = Promise.resolve();
  const told = new Set<string>();

  function deliver(deliverSignal: AbortSignal): Promise<RemoteError | undefined> {
    const pass = chain.then(() => deliverAll(deliverSignal));
    chain = pass.catch(() => undefined);
    return pass;
  }

  async function deliverAll(deliverSignal: AbortSignal): Promise<RemoteError | undefined> {
    let failure: RemoteError | undefined;
    for (const each of owed.values()) {
      try {
        await send(each, api, emit, deliverSignal);
        owed.delete(each.uid);
        done.add(each.uid);
        delivered(each.uid);
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        tell(each, error);
        failure = error;
        // The next one would fare no better.
        if (isOutage(error) || error.reason === 'unauthorized') break;
      }
    }
    return failure;
  }

  function tell({ uid, experiment, trial }: Owed, error: RemoteError): void {
    if (told.has(uid)) return;
    told.add(uid);
    const message = `the report of ${trial} is owed to the remote API and is sent again later: ${error.message}`;
    emit({ type: 'notice', level: 'warning', experiment, message });
  }

  return {
    owe(record) {
      const { uid, experiment, source } = record.spec;
      const url = remoteUrl(source);
      // A record comes a second time when its teardown is added to it.
      if (url === undefined || dutyOf(record) === undefined || done.has(uid)) return;
      owed.set(uid, { uid, trial: record.metadata.name, experiment, url, record });
      // What goes wrong is told by the next call of deliver(), which somebody waits for.
      deliver(signal).catch(() => undefined);
    },
    owes: (url) => owed.values().some((each) => each.url === url),
    deliver,
  };
}

async function send(
  { url, trial, experiment, record }: Owed,
  api: Pick<ExperimentsApi, 'report' | 'abandon'>,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  if (record === undefined || dutyOf(record) !== 'report') return settled(api.abandon(url, signal));
  try {
    await settled(api.report(url, trialReport(record), signal));
  } catch (error) {
    if (!(error instanceof RemoteError && error.reason === 'trial-invalid')) throw error;
    const message = `the remote API refuses the report of ${trial} for good, so the trial is abandoned there: ${error.message}`;
    emit({ type: 'notice', level: 'warning', experiment, message });
    await settled(api.abandon(url, signal));
  }
}

/** The API has this report already, or does not want it any more. */
async function settled(request: Promise<void>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof RemoteError && (error.reason === 'trial-not-found' || error.reason === 'trial-already-reported'))) throw error;
  }
}
