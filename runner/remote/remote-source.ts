import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Assignment, Experiment } from '../model/experiment.ts';
import type { RemoteLink } from '../model/remote.ts';
import { assessBaseline } from '../plan/assess-baseline.ts';
import { currentGeneration, type BegunTrial } from '../plan/generation.ts';
import { pointOf } from '../plan/point.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Emit } from '../progress/events.ts';
import { formatDuration } from '../progress/format-duration.ts';
import type { ExperimentsApi, HandedOutTrial, RemoteExperiment } from './experiments-api.ts';
import { fromRemote, toRemote } from './remote-assignments.ts';
import { remoteDefinition, remoteDigest, varying } from './remote-definition.ts';
import { isOutage, RemoteError } from './remote-error.ts';
import type { Reports } from './reports.ts';
import { sortActive } from './sort-active.ts';

/** What came of asking for the next trial. */
export type RemoteAnswer =
  | { status: 'Trial'; url: string; assignments: Assignment[] }
  /** The API hands out no more, ever. */
  | { status: 'Finished' }
  /** It has none for now, or is away; it may be asked again after so many milliseconds. */
  | { status: 'Later'; wait: number }
  /** It had none for so long that this run does not wait any longer. */
  | { status: 'Unavailable'; message: string }
  /** It will not deal with this experiment as it is, or with this installation. */
  | { status: 'Refused'; message: string };

export type RemoteHistory = {
  records: readonly TrialRecord[];
  pending: readonly BegunTrial[];
  /** Some of what is pending ends in this run, and may be what the API waits for. */
  isWaitedFor: boolean;
};

/** One experiment's suggestions by a remote API; asked one question at a time, once a slot is free for the answer. */
export type RemoteSource = {
  next(history: RemoteHistory, signal: AbortSignal): Promise<RemoteAnswer>;
  /** Why there will be no more, in the API's words. */
  finished(): string | undefined;
};

export type RemoteSourceDeps = {
  api: ExperimentsApi;
  reports: Pick<Reports, 'deliver' | 'owes'>;
  /** Of the experiment's `remote.yaml`. */
  link: { current(): RemoteLink | undefined; change(link: RemoteLink): void };
  clock: Clock;
  emit: Emit;
  /** Milliseconds for which an API that has nothing is waited for, while no trial of ours runs. */
  patience: number;
};

/** What the API asks to wait is taken within these bounds (R§6.1). Milliseconds. */
const SHORTEST_WAIT = 5_000;
const LONGEST_WAIT = 120_000;

export function remoteSource(
  { experiment, digest }: { experiment: Experiment; digest: string },
  { api, reports, link, clock, emit, patience }: RemoteSourceDeps,
): RemoteSource {
  const sent = remoteDigest(experiment);
  let isSynchronized = false;
  /** Trials that the API handed out and nobody began; unknown where an answer of `next` was lost. */
  let unclaimed: HandedOutTrial[] | undefined;
  let emptySince: number | undefined;

  async function ask(history: RemoteHistory, signal: AbortSignal): Promise<RemoteAnswer> {
    // What is known already informs the next suggestion, and frees the API's places for trials under way.
    const failure = await reports.deliver(signal);
    if (failure !== undefined && (isOutage(failure) || failure.reason === 'unauthorized')) throw failure;

    const linked = isSynchronized ? link.current()! : await synchronize(signal);
    unclaimed ??= await claimable(linked, history, signal);
    if (!isSynchronized) await suggestBaseline(linked, history, unclaimed, signal);
    isSynchronized = true;

    const handed = unclaimed.shift() ?? (await handOut(linked, history, signal));
    emptySince = undefined;
    return { status: 'Trial', url: handed.url, assignments: fromRemote(experiment.parameters, handed.assignments) };
  }

  /** Until the answer is here, nobody knows what was handed out; when it is lost, the API is asked what that was. */
  async function handOut(linked: RemoteLink, history: RemoteHistory, signal: AbortSignal): Promise<HandedOutTrial> {
    unclaimed = undefined;
    try {
      const handed = await api.next(linked.nextTrialUrl, signal);
      unclaimed = [];
      return handed;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      unclaimed = error.uncertain ? await claimable(linked, history, signal) : [];
      const lost = unclaimed.shift();
      if (lost !== undefined) return lost;
      throw error;
    }
  }

  async function synchronize(signal: AbortSignal): Promise<RemoteLink> {
    const known = link.current();
    const isThere = known?.definition === sent && api.covers(known.url);
    const found = isThere ? await found404(api.get(known.url, signal)) : undefined;
    const created = found ?? (await api.create(experiment.name, remoteDefinition(experiment), signal));
    requireSame(experiment, created);
    const linked = linkOf(created, sent);
    if (!isDeepStrictEqual(known, linked)) link.change(linked);
    return linked;
  }

  async function claimable({ trialsUrl }: RemoteLink, history: RemoteHistory, signal: AbortSignal): Promise<HandedOutTrial[]> {
    const active = await api.trials(trialsUrl, { status: ['active'] }, signal);
    const { takenUp, abandoned } = sortActive(active, history, { digest, owes: reports.owes });
    for (const { url } of abandoned) await found404(api.abandon(url, signal));
    return takenUp;
  }

  /** The baseline is the first suggestion, so that the API hands it out first and can compare (R§4, R§22.7). Not twice, whatever happened. */
  async function suggestBaseline(
    { trialsUrl }: RemoteLink,
    { records, pending }: RemoteHistory,
    taken: readonly HandedOutTrial[],
    signal: AbortSignal,
  ): Promise<void> {
    const baseline = assessBaseline(experiment, currentGeneration(records, digest), pending);
    if (baseline.status !== 'Due') return;
    const point = pointOf(baseline.assignments);
    const isBaseline = ({ assignments }: Pick<HandedOutTrial, 'assignments'>) =>
      pointOf(fromRemote(experiment.parameters, assignments)) === point;
    const queued = await api.trials(trialsUrl, { status: ['staged'] }, signal);
    if ([...queued, ...taken].some(isBaseline)) return;
    const suggestion = { assignments: toRemote(experiment.parameters, baseline.assignments), labels: { baseline: 'true' } };
    try {
      await api.suggest(trialsUrl, suggestion, signal);
    } catch (error) {
      if (!(error instanceof RemoteError) || isOutage(error) || error.reason === 'unauthorized') throw error;
      // Finished for good, which `next` says as well; or the server takes no suggestions, and the experiment can do without.
      if (error.reason === 'experiment-stopped') return;
      emit({ type: 'notice', level: 'warning', experiment: experiment.name, message: `the baseline is not suggested: ${error.message}` });
    }
  }

  function answerTo(error: RemoteError, { isWaitedFor }: RemoteHistory): RemoteAnswer {
    if (error.reason === 'experiment-stopped') {
      link.change({ ...link.current()!, finished: error.message });
      return { status: 'Finished' };
    }
    // Somebody deleted the experiment there since it was synchronized: it is sent again.
    if (error.reason === 'experiment-not-found') isSynchronized = false;
    else if (error.reason !== 'trial-unavailable' && !isOutage(error)) return { status: 'Refused', message: error.message };
    return laterOrNever(error, isWaitedFor);
  }

  function laterOrNever({ retryAfter, message }: RemoteError, mayChange: boolean): RemoteAnswer {
    const now = clock.now().getTime();
    const wait = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, retryAfter));
    const isNews = emptySince === undefined;
    emptySince ??= now;
    if (!mayChange && now + wait > emptySince + patience)
      return {
        status: 'Unavailable',
        message: `the remote API had no trial for ${formatDuration(now - emptySince)}; the next run asks again: ${message}`,
      };
    if (isNews) {
      const text = `waits for a trial of the remote API, asked again in ${formatDuration(wait)}: ${message}`;
      emit({ type: 'notice', level: 'info', experiment: experiment.name, message: text });
    }
    return { status: 'Later', wait };
  }

  return {
    async next(history, signal) {
      try {
        return await ask(history, signal);
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        return answerTo(error, history);
      }
    },
    finished: () => finishedFor(experiment, link.current()),
  };
}

/** Why the API hands out no more trials of this definition; another definition may be asked for again. */
export function finishedFor(experiment: Experiment, link: RemoteLink | undefined): string | undefined {
  return link?.definition === remoteDigest(experiment) ? link.finished : undefined;
}

function linkOf({ url, links }: RemoteExperiment, definition: string): RemoteLink {
  const [trialsUrl, nextTrialUrl] = [links.get('trials'), links.get('next-trial')];
  if (trialsUrl === undefined || nextTrialUrl === undefined)
    throw new RemoteError('unexpected', `GET ${url}: the answer has no links trials and next-trial`);
  return { url, trialsUrl, nextTrialUrl, definition };
}

/** Extra parameters there do no harm (R§4.3); missing ones, or other metrics, mean another experiment of that name. */
function requireSame({ name, parameters, metrics }: Experiment, { url, experiment }: RemoteExperiment): void {
  if (experiment.parameters === undefined || experiment.metrics === undefined) return;
  const there = new Set(experiment.parameters.map((each) => each.name));
  const missing = varying(parameters).filter((each) => !there.has(each.name));
  const ours = metrics.map((each) => each.name).toSorted();
  const theirs = experiment.metrics.map((each) => each.name).toSorted();
  const problems = [
    ...(missing.length > 0 ? [`it lacks the parameters ${missing.map((each) => each.name).join(', ')}`] : []),
    ...(ours.join() !== theirs.join() ? [`its metrics are ${theirs.join(', ') || 'none'}, and not ${ours.join(', ')}`] : []),
  ];
  if (problems.length === 0) return;
  const remedy = `delete it there or give "${name}" another name`;
  throw new RemoteError('experiment-name-conflict', `${url} is another experiment: ${problems.join('; ')}; ${remedy}`);
}

/** undefined when it is not there. */
async function found404<Value>(request: Promise<Value>): Promise<Value | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RemoteError && error.status === 404) return undefined;
    throw error;
  }
}
