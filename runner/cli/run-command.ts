import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import { checkoutDefinitions } from '../ledger/checkout.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { parseRepository } from '../ledger/repository-address.ts';
import { untilReachable } from '../ledger/until-reachable.ts';
import { formatProblem, RecordFailed } from '../model/errors.ts';
import type { RunEvent } from '../progress/events.ts';
import { fanOut } from '../progress/fan-out.ts';
import { preflightTable } from '../progress/preflight-table.ts';
import { summaryTable } from '../progress/summary-table.ts';
import { baselineRecord } from '../results/baseline-record.ts';
import { currentGeneration } from '../plan/generation.ts';
import { run, type RunEnd } from '../run.ts';
import { connectTo, type ClusterFlags } from './cluster-flags.ts';
import { exitCode } from './exit-code.ts';
import { gitCredentials, gitSecrets, type GitFlags } from './git-credentials.ts';
import type { CommandContext } from './command-context.ts';
import { readMetricAccess } from './metric-access.ts';
import { locateRepository } from './read-repository.ts';
import { openProgress, type ProgressFormat } from './open-progress.ts';
import { remoteApi, type RemoteFlags } from './remote-api.ts';
import { reportError } from './report-error.ts';
import { runId } from './run-id.ts';
import { writeTerminationLog } from './termination-log.ts';
import { defaultImage, readVersion } from './version.ts';

export type RunFlags = GitFlags &
  RemoteFlags &
  ClusterFlags & {
    remoteWait: number;
    experiment?: string[];
    slots?: string[];
    slotLabels?: Record<string, string>;
    slotRole?: string;
    setupRole?: string;
    maxTrials?: number;
    maxDuration?: number;
    dryRun?: boolean;
    ifHeld: 'skip' | 'fail';
    image?: string;
    leaseDuration: number;
    unschedulableGrace: number;
    metricAccess?: string;
    pushInterval: number;
    terminationLog?: string;
    gitSigningKey?: string;
    output: ProgressFormat;
    namespace?: string;
  };

/** A request to the remote API is tried again for at most so long; then its report is owed, or the slots serve others. Milliseconds. */
const REMOTE_RETRY = 30_000;

/** Reasons of the planner that mean that an experiment gave up. */
const GIVEN_UP = new Set(['TooManyFailures', 'BaselineFailed', 'RemoteRefused']);

/** `fieldtrial run`: one run, and how it ended in the termination log as well. Resolves with the exit code. */
export async function runCommand(given: string | undefined, flags: RunFlags, context: CommandContext): Promise<number> {
  const { output } = context;
  const leave = (text: string) => writeTerminationLog(flags.terminationLog, output.redact(text), output.say);
  try {
    const { code, lines } = await runOnce(given, flags, context);
    await leave(`${lines.join('\n')}\n`);
    return code;
  } catch (error) {
    await leave(`${reportError(error).text}\n`);
    throw error;
  }
}

/** Wires the real git, cluster and clock to one run, and says how it ended. */
async function runOnce(given: string | undefined, flags: RunFlags, context: CommandContext): Promise<{ code: number; lines: string[] }> {
  const { output, environment, cwd, signal } = context;
  const version = await readVersion();
  const startedAt = Date.now();
  const id = runId(new Date(startedAt));
  const repository = locateRepository(given, cwd);
  output.hide(gitSecrets(repository, environment));
  const metricAccess = await readMetricAccess(flags, { environment, output, cwd });
  const credentials = gitCredentials(flags, environment, cwd);
  const git = {
    repository,
    environment,
    ...(credentials && { credentials }),
    ...(flags.gitCaFile !== undefined && { caFile: resolve(cwd, flags.gitCaFile) }),
  };
  const api = remoteApi(flags, { output, environment }, { version, retryFor: Math.min(REMOTE_RETRY, flags.remoteWait) });
  const finished: RunEvent[] = [];
  const progress = openProgress(flags.output, context);
  const emit = fanOut(progress.emit, (event) => {
    if (event.type === 'trial-finished') finished.push(event);
    if (event.type === 'preflight-finished' && flags.dryRun === true && flags.output !== 'json')
      for (const line of preflightTable(event)) output.data(line);
  });
  // Who told it may think that it did not hear: what was finished takes a while to push.
  const tellEnding = () =>
    emit({
      type: 'notice',
      level: 'info',
      message: 'told to end: pushes what is finished and leaves the rest to the next run; a second signal ends at once',
    });
  const waiting = { clock: systemClock, emit };
  const workdir = await mkdtemp(join(tmpdir(), 'fieldtrial-'));
  let ledger: Awaited<ReturnType<typeof openLedger>> | undefined;
  /** Resolves with why something did not reach git at all, whichever slot it came from. Once is enough. */
  const closeLedger = async (): Promise<RecordFailed | undefined> => {
    const closing = ledger?.close();
    ledger = undefined;
    return closing?.then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof RecordFailed) return error;
        throw error;
      },
    );
  };
  try {
    const end = await run(
      {
        // Everybody reads it: a token in the place of the user name looks like a name.
        repository: parseRepository(repository).name,
        experiments: flags.experiment ?? [],
        slots: flags.slots,
        namespace: flags.namespace,
        inCluster: flags.kubeconfig === undefined && environment['KUBERNETES_SERVICE_HOST'] !== undefined,
        maxTrials: flags.maxTrials,
        maxDuration: flags.maxDuration,
        dryRun: flags.dryRun === true,
        image: flags.image ?? defaultImage(version),
        timing: { duration: flags.leaseDuration, renewal: flags.leaseDuration / 6 },
        unschedulableGrace: flags.unschedulableGrace,
        metricAccess,
        namespaces: {
          labels: flags.slotLabels ?? {},
          ...(flags.slotRole !== undefined && { slotRole: flags.slotRole }),
          ...(flags.setupRole !== undefined && { setupRole: flags.setupRole }),
        },
        runner: { version, run: id },
      },
      {
        clock: systemClock,
        emit,
        checkout: (scoped) =>
          untilReachable(
            () => checkoutDefinitions({ ...git, ...(flags.branch !== undefined && { branch: flags.branch }), workdir, signal: scoped }),
            waiting,
            scoped,
          ),
        async openLedger({ resultsBranch, author }, { branch }, scoped) {
          const settings = {
            ...git,
            branch: resultsBranch,
            definitionsBranch: branch,
            author,
            workdir,
            run: id,
            version,
            emit,
            pushInterval: flags.pushInterval,
            ...(flags.gitSigningKey !== undefined && { signingKeyFile: resolve(cwd, flags.gitSigningKey) }),
          };
          ledger = await untilReachable(() => openLedger(settings, scoped), waiting, scoped);
          signal.addEventListener('abort', tellEnding, { once: true });
          return ledger;
        },
        connect: (scoped) => connectTo(flags, { environment, signal: scoped }),
        ...(api && { remote: { api, patience: flags.remoteWait } }),
      },
      signal,
    );
    signal.throwIfAborted();
    progress.close();
    const unpushed = await closeLedger();
    const code = conclude(end, unpushed, flags, output);
    emit({
      type: 'run-finished',
      run: id,
      exitCode: code,
      trials: finished.length,
      failed: failures(finished),
      seconds: (Date.now() - startedAt) / 1000,
    });
    const table = flags.dryRun === true ? [] : summary(finished, end);
    if (flags.output !== 'json') for (const line of table) output.data(line);
    return { code, lines: [...explain(end, unpushed, finished), ...table] };
  } catch (caught) {
    // Whatever failed because the run was told to end is no failure of its own.
    const error: unknown = signal.aborted ? signal.reason : caught;
    // People get the error's text on stderr; whoever reads the events must not have to.
    const { name, message } = error as Error;
    if (flags.output === 'json') emit({ type: 'run-failed', run: id, exitCode: reportError(error).exitCode, reason: name, message });
    throw error;
  } finally {
    signal.removeEventListener('abort', tellEnding);
    progress.close();
    // A run that was told to end has pushed what it could.
    if (!signal.aborted) await closeLedger().then((unpushed) => unpushed && output.say(reportError(unpushed).text));
    await rm(workdir, { recursive: true, force: true });
  }
}

function conclude(
  { problems, held, slots, stopped }: RunEnd,
  unpushed: RecordFailed | undefined,
  { ifHeld }: RunFlags,
  output: CommandContext['output'],
): number {
  for (const bug of slots.bugs) output.say(reportError(bug).text);
  if (unpushed !== undefined) output.say(`records are not pushed and stay in the slots' journals for the next run: ${unpushed.message}`);
  return exitCode({
    unpushed: unpushed !== undefined,
    bug: slots.bugs.length > 0,
    givenUp: leftBehind(slots).length > 0,
    invalid: problems.length > 0,
    stopped: [...stopped.values()].some(({ reason }) => GIVEN_UP.has(reason)),
    held: held.length > 0 && ifHeld === 'fail',
  });
}

/** The slots where work waits for the next run; where another run has taken over, it does not. */
function leftBehind({ givenUp }: RunEnd['slots']) {
  return givenUp.filter(({ takenOver }) => !takenOver);
}

/** What explains the exit code, the worst first. */
function explain({ problems, held, slots, stopped }: RunEnd, unpushed: RecordFailed | undefined, finished: readonly RunEvent[]): string[] {
  const gaveUp = [...stopped].filter(([, { reason }]) => GIVEN_UP.has(reason));
  return [
    ...(unpushed === undefined ? [] : [`records are not pushed: ${unpushed.message}`]),
    ...slots.bugs.map((bug) => reportError(bug).text),
    ...leftBehind(slots).map(({ slot, message }) => `${slot} is given up, the next run goes on there: ${message}`),
    ...problems.map(formatProblem),
    ...gaveUp.map(([name, { reason, message }]) => `${name} gave up: ${reason}: ${message}`),
    ...held.map((what) => `${what} is held by another run`),
    `trials: ${finished.length}, failed: ${failures(finished)}`,
  ];
}

function failures(events: readonly RunEvent[]): number {
  return events.filter((event) => event.type === 'trial-finished' && event.phase === 'Failed').length;
}

function summary(events: readonly RunEvent[], { experiments, ledger }: RunEnd): string[] {
  const summarized = experiments.map(({ experiment, digest }) => {
    const baseline = baselineRecord(experiment, currentGeneration(ledger.records(experiment.name), digest))?.values;
    return { name: experiment.name, metrics: experiment.metrics, ...(baseline && { baseline }) };
  });
  return summaryTable(events, summarized);
}
