import type { TrialRecord } from './record.ts';
import type { SuggestionSource } from './trial.ts';

/** What the runner knows of an experiment on a remote Experiments API; the content of its `remote.yaml` on the results branch. */
export type RemoteState = {
  link?: RemoteLink;
  /** Reports that the API has not taken yet, in the order in which they became due. */
  owed: OwedReport[];
};

/** Where the experiment is on the API: absolute URLs, as the API's links gave them. */
export type RemoteLink = {
  url: string;
  trialsUrl: string;
  nextTrialUrl: string;
  /** Digest of the definition that the API was sent (remote-definition.ts): another one is sent again. */
  definition: string;
  /** The API hands out no more trials of that definition, in its own words. */
  finished?: string;
};

/** A trial is known by its uid: its number may still change when its record is pushed. */
export type OwedReport = { trial: string; uid: string; url: string };

/** The API's trial that this one answers; undefined when the API knows nothing of it. */
export function remoteUrl(source: SuggestionSource): string | undefined {
  return source.type === 'remote' || source.type === 'retry' ? source.url : undefined;
}

export type RemoteDuty = 'report' | 'abandon';

/**
 * What is owed to the API for a record: its report, or that the trial is given up because the infrastructure failed it twice: that says
 * nothing of its assignments. Nothing after the first such failure, since the same trial is tried again.
 */
export function dutyOf(record: Pick<TrialRecord, 'spec' | 'status'>): RemoteDuty | undefined {
  if (remoteUrl(record.spec.source) === undefined) return undefined;
  if (record.status.failure?.infrastructure !== true) return 'report';
  return record.spec.source.type === 'retry' ? 'abandon' : undefined;
}
