import type { Assignment, Experiment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Suggestion } from '../model/trial.ts';
import { assessBaseline } from './assess-baseline.ts';
import { breachedPolicy } from './failure-policy.ts';
import { countedTrials, currentGeneration, type BegunTrial } from './generation.ts';
import { nextQueued, type QueuedSuggestion } from './queue.ts';
import { repeatedInfrastructureFailure } from './repeated-infrastructure-failure.ts';
import { nextRetry } from './retry.ts';
import { suggestFromSource } from './suggest-from-source.ts';

export type PlanInput = {
  experiment: Experiment;
  /** Of the definition as it is now (digest.ts). */
  digest: string;
  /** Every file of the experiment's `suggestions/`, in the order in which they are to be tried. */
  queue: readonly QueuedSuggestion[];
  /** Every record of the experiment, of all generations. */
  records: readonly TrialRecord[];
  /** Trials that were begun and have no record yet. */
  pending: readonly BegunTrial[];
  /** This life of the runner: what the infrastructure did to earlier ones stops nothing. */
  run: string;
  /** How many trials `--max-trials` still allows; absent: no limit. */
  trialsLeft?: number;
  /** Why the remote API hands out no more trials, in its own words; absent: it may have one. */
  remoteFinished?: string;
};

/** `ask`: the remote API says what is next. */
export type Plan = { next: NextTrial } | { ask: 'remote' } | { wait: WaitReason } | { stop: Stop };
export type NextTrial = Suggestion & { number: number };
/** Why nothing can be said before a pending trial has ended; the caller asks again then. */
export type WaitReason = 'BaselineRunning' | 'TrialsRunning';
export type Stop = { reason: StopReason; message: string };
export type StopReason =
  | 'BaselineFailed'
  | 'TooManyFailures'
  | 'BudgetSpent'
  | 'Paused'
  | 'InfrastructureFailures'
  | 'Idle'
  | 'SpaceExhausted'
  | 'MaxTrials'
  | 'RemoteFinished'
  | 'RemoteUnavailable'
  | 'RemoteRefused'
  | 'DefinitionChanged'
  | 'DefinitionRemoved';

/**
 * What to try next: the same repository state gives the same answer.
 *
 * In this order: what ends the experiment (a failed baseline, the failure policy, the budget), a pause, a trial that
 * the infrastructure failed (once more, and not counted until it says something), the baseline (alone, before anything
 * else of its generation), queued files, the source. A remote API hands out the baseline as well. While trials are pending `stop` is only said when no result of
 * theirs could change it.
 */
export function planNext(input: PlanInput): Plan {
  const { experiment, digest, pending } = input;
  const generation = currentGeneration(input.records, digest);
  const baseline = assessBaseline(experiment, generation, pending);
  if (baseline.status === 'Failed') return stop('BaselineFailed', baseline.message);

  const breach = breachedPolicy(experiment.failurePolicy, generation);
  if (breach !== undefined) return stop('TooManyFailures', breach);

  const { budget = Infinity } = experiment.suggest;
  const counted = countedTrials(generation).length;
  if (counted >= budget) return stop('BudgetSpent', `${counted} of ${budget} trials are done`);
  if (experiment.replicas === 0) return stop('Paused', 'spec.replicas is 0');
  // A pending trial that the infrastructure fails gives its share of the budget back.
  if (counted + pending.length >= budget) return { wait: 'TrialsRunning' };
  if (baseline.status === 'Running') return { wait: 'BaselineRunning' };

  const outage = repeatedInfrastructureFailure(generation, input.run);
  const suggestion = suggest(input, generation, baseline.status === 'Due' ? baseline.assignments : undefined);
  if (outage === undefined && suggestion !== undefined) return beginOrStop(input, suggestion);
  if (pending.length > 0) return { wait: 'TrialsRunning' };
  return outage === undefined ? nothingLeft(input) : stop('InfrastructureFailures', outage);
}

function suggest(input: PlanInput, generation: TrialRecord[], dueBaseline: Assignment[] | undefined): Suggestion | 'remote' | undefined {
  const { experiment } = input;
  const { source } = experiment.suggest;
  const asksRemote = source === 'remote' && input.remoteFinished === undefined;
  const begun: BegunTrial[] = [...generation.map(({ spec }) => spec), ...input.pending];
  const queued = nextQueued(input.queue, experiment, begun);
  // Nobody has asked for anything yet: an experiment without a source does not begin by itself.
  const isIdle = source === 'manual' || (source === 'remote' && !asksRemote);
  if (dueBaseline !== undefined && queued === undefined && isIdle) return undefined;

  const retry = nextRetry(generation, begun, dueBaseline);
  if (retry !== undefined) return retry;
  if (dueBaseline !== undefined) return asksRemote ? 'remote' : { assignments: dueBaseline, source: { type: 'baseline' } };
  return queued ?? (asksRemote ? 'remote' : suggestFromSource(experiment, begun));
}

function beginOrStop(input: PlanInput, suggestion: Suggestion | 'remote'): Plan {
  const { trialsLeft = Infinity } = input;
  if (trialsLeft <= 0) return stop('MaxTrials', 'this run has begun as many trials as it may');
  if (suggestion === 'remote') return { ask: 'remote' };
  return { next: { number: nextNumber(input), ...suggestion } };
}

function nothingLeft({ experiment, remoteFinished }: PlanInput): Plan {
  const { source } = experiment.suggest;
  if (source === 'remote') return stop('RemoteFinished', `the remote API hands out no more trials: ${remoteFinished ?? ''}`);
  if (source === 'manual') return stop('Idle', 'nothing is suggested; add a file to suggestions/ or set spec.suggest');
  return stop('SpaceExhausted', `source ${source} has no untried point left that meets the constraints`);
}

/** Numbers count over all generations, so that a trial's name never means two trials. */
export function nextNumber({ records, pending }: Pick<PlanInput, 'records' | 'pending'>): number {
  const numbers = [...records.map(({ spec }) => spec.number), ...pending.map(({ number }) => number)];
  return numbers.reduce((highest, number) => Math.max(highest, number), 0) + 1;
}

function stop(reason: StopReason, message: string): Plan {
  return { stop: { reason, message } };
}
