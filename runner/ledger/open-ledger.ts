import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../clock.ts';
import { PreflightFailed, RecordFailed } from '../model/errors.ts';
import type { RemoteLink, RemoteState } from '../model/remote.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Emit } from '../progress/events.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { boundRecord } from './bound-record.ts';
import { openBranchWriter } from './branch-writer.ts';
import type { Author } from './commit-stream.ts';
import type { GitCredentials } from './credentials.ts';
import { duringPreflight } from './explain-access.ts';
import { GitFailed } from './git-failure.ts';
import { openGit, type Environment } from './git.ts';
import { placeRecords, type Placement } from './place-records.ts';
import type { Ledger } from './port.ts';
import { parseRepository } from './repository-address.ts';
import { openResultsBranch } from './results-branch.ts';
import { commitsOf, withChanges } from './remote-commits.ts';
import { startCommit } from './run-commits.ts';

export const DEFAULT_RESULTS_BRANCH = 'fieldtrial/results';

export type LedgerOptions = {
  /** URL or path of the repository that holds the definitions too. */
  repository: string;
  /** Default `fieldtrial/results`; `same` puts the records beside the definitions. */
  branch?: string;
  definitionsBranch: string;
  author: Author;
  /** A folder for the local repository, created when missing; it belongs to the caller, who removes it. */
  workdir: string;
  credentials?: GitCredentials;
  /** See GitOptions. */
  caFile?: string;
  signingKeyFile?: string;
  environment: Environment;
  /** The life of the runner that writes, and its version. */
  run: string;
  version: string;
  emit: Emit;
  /** Milliseconds between two pushes; default 5 000. */
  pushInterval?: number;
  /** Milliseconds for which a push is tried again; default 60 000. */
  retryFor?: number;
  clock?: Clock;
  random?: () => number;
};

export type OpenLedger = Ledger & {
  branch: string;
  remote: RemoteLedger;
  /** Proves that the login may push, without pushing. Throws PreflightFailed. */
  checkPush(signal: AbortSignal): Promise<void>;
  /** Pushes the run's start commit, and the branch with it where there is none. Throws PreflightFailed. */
  begin(experiments: readonly string[], signal: AbortSignal): Promise<void>;
  /** Pushes what is pending and ends the batching; nothing may be submitted afterwards. Throws RecordFailed. */
  close(): Promise<void>;
};

/** The experiments' `remote.yaml`: what changes goes with the next push, at the latest with the last one. */
export type RemoteLedger = {
  state(experiment: string): RemoteState;
  /** The experiments that owe reports. */
  owing(): string[];
  link(experiment: string, link: RemoteLink): void;
  /** The API has taken this trial's report. */
  delivered(uid: string): void;
};

/** Reads the results branch as the remote has it now. Throws PreflightFailed when the repository cannot be read. */
export async function openLedger(options: LedgerOptions, signal: AbortSignal): Promise<OpenLedger> {
  const { credentials, caFile, signingKeyFile, environment, run, version, emit, author, definitionsBranch } = options;
  const { pushInterval = 5_000, retryFor = 60_000, clock = systemClock, random = Math.random } = options;
  const branch = options.branch === 'same' ? definitionsBranch : (options.branch ?? DEFAULT_RESULTS_BRANCH);

  const address = parseRepository(options.repository);
  const repository = address.name;
  await mkdir(options.workdir, { recursive: true });
  const folder = await mkdtemp(join(options.workdir, 'results-'));
  const git = openGit({ folder, address, credentials, environment, caFile, signingKeyFile });
  await git.local(['init', '--quiet', '--bare'], signal);

  const shared = branch === definitionsBranch;
  const remote = openResultsBranch(git, address.url, branch, { signs: signingKeyFile !== undefined, shared });
  const mayCreate = !shared;
  const settings = { repository, branch, mayCreate, author, clock, emit, retryFor, random };
  const writer = await duringPreflight(repository, () => openBranchWriter(remote, settings, signal));

  let pending: Submission[] = [];
  /** Pushed in this run, by uid: what somebody takes off the branch meanwhile is pushed again. */
  const pushed = new Map<string, TrialRecord>();
  /** A refusal stands until flush() asks again: trying at every record would only fill the server's log. */
  let refusal: RecordFailed | undefined;
  const links = new Map<string, RemoteLink>();
  const delivered = new Set<string>();
  let scheduled = false;
  let lastPush = -Infinity;
  let chain: Promise<unknown> = Promise.resolve();
  const closing = new AbortController();

  return {
    branch,

    records(experiment) {
      const recorded = writer.book().records(experiment);
      const submitted = pending.map(({ record }) => record).filter(({ spec }) => spec.experiment === experiment);
      if (submitted.length === 0) return recorded;
      const byUid = new Map([...recorded, ...submitted].map((record) => [record.spec.uid, record]));
      return [...byUid.values()].sort((a, b) => a.spec.number - b.spec.number);
    },

    submit(record) {
      const { promise, resolve, reject } = Promise.withResolvers<TrialRecord>();
      pending.push({ record: boundRecord(record), resolve, reject });
      if (refusal === undefined) schedulePush();
      else reject(refusal);
      return promise;
    },

    flush,

    remote: {
      state: (experiment) => withChanges(writer.book().remote(experiment), experiment, { links, delivered }),
      owing: () =>
        writer
          .book()
          .remotes()
          .filter((experiment) => writer.book().remote(experiment)!.owed.length > 0),
      link: (experiment, link) => void links.set(experiment, link),
      delivered: (uid) => void delivered.add(uid),
    },

    checkPush: (checkSignal) =>
      exclusively(() =>
        duringPreflight(repository, async () => {
          try {
            await writer.tryPush([startCommit(run, version, [])], checkSignal);
          } catch (error) {
            // Somebody pushed since the branch was read: the login was accepted, which is all that is asked here.
            if (!(error instanceof GitFailed && error.kind === 'outdated')) throw error;
          }
        }),
      ),

    begin: (experiments, beginSignal) =>
      exclusively(async () => {
        try {
          await writer.land(() => [startCommit(run, version, experiments)], beginSignal);
        } catch (error) {
          if (error instanceof RecordFailed) throw new PreflightFailed(error.message, { cause: error });
          throw error;
        }
      }),

    async close() {
      try {
        await flush(closing.signal);
      } finally {
        closing.abort(new RecordFailed('the ledger is closed'));
      }
    },
  };

  async function flush(flushSignal: AbortSignal): Promise<void> {
    // The reason of a refusal may be gone, by a new token for example; asking once more costs one call.
    refusal = undefined;
    try {
      await unlessAborted(
        exclusively(() => pushPending(flushSignal)),
        flushSignal,
      );
    } catch (error) {
      throw inTime(error, flushSignal);
    }
  }

  /** One task at a time works on the branch, in the order of the calls. */
  function exclusively<T>(task: () => Promise<T>): Promise<T> {
    const result = chain.then(task);
    const settled = () => undefined;
    chain = result.then(settled, settled);
    return result;
  }

  function schedulePush(): void {
    if (scheduled) return;
    scheduled = true;
    const wait = Math.max(0, lastPush + pushInterval - clock.now().getTime());
    clock
      .sleep(wait, closing.signal)
      .then(() => {
        scheduled = false;
        return exclusively(() => pushPending(closing.signal));
      })
      // Whoever submitted was told, and close() pushes what is still pending.
      .catch(() => undefined);
  }

  async function pushPending(pushSignal: AbortSignal): Promise<void> {
    if (pending.length === 0 && commitsOf([], writer.book(), { links, delivered, run }).length === 0) return;
    const batch = [...pending];
    try {
      const placements = await pushRecords(
        batch.map(({ record }) => record),
        pushSignal,
      );
      pending = pending.filter((submission) => !batch.includes(submission));
      batch.forEach(({ resolve }, index) => resolve(placements[index]!.record));
    } catch (cause) {
      const error = inTime(cause, pushSignal);
      if (error instanceof RecordFailed && isRefusal(error)) refusal = error;
      for (const { reject } of batch) reject(error);
      throw error;
    } finally {
      lastPush = clock.now().getTime();
    }
  }

  /** An abort is the end of the time that the caller had; everything that fails for another reason stays what it is. */
  function inTime(error: unknown, { aborted }: AbortSignal): unknown {
    if (!aborted || error instanceof RecordFailed) return error;
    return new RecordFailed(`${pending.length} records could not be pushed to ${branch} of ${repository} in time`, { cause: error });
  }

  /** Resolves with the placements of these records, in their order. */
  async function pushRecords(records: readonly TrialRecord[], pushSignal: AbortSignal): Promise<Placement[]> {
    let placements: Placement[] = [];
    const tip = await writer.land((book) => {
      const lost = [...pushed.values()].filter(({ spec }) => book.find(spec.experiment, spec.uid) === undefined);
      if (lost.length > 0) emit({ type: 'notice', level: 'warning', message: lostMessage(lost, branch) });
      const all = placeRecords(book, [...lost, ...records]);
      placements = all.slice(lost.length);
      return commitsOf(all, book, { links, delivered, run });
    }, pushSignal);

    for (const { record } of placements) pushed.set(record.spec.uid, record);
    const trials = new Set(placements.filter(({ status }) => status === 'Written').map(({ record }) => record.metadata.name));
    if (trials.size > 0 && tip !== undefined) emit({ type: 'records-pushed', trials: [...trials], commit: tip, branch });
    return placements;
  }
}

type Submission = { record: TrialRecord; resolve: (record: TrialRecord) => void; reject: (error: unknown) => void };

function lostMessage(lost: readonly TrialRecord[], branch: string): string {
  const names = lost.map(({ metadata }) => metadata.name).join(', ');
  return `records that this run had pushed are no longer on ${branch} and are pushed again: ${names}`;
}

function isRefusal({ cause }: RecordFailed): boolean {
  return cause instanceof GitFailed && cause.kind !== 'outdated' && cause.kind !== 'unreachable';
}
