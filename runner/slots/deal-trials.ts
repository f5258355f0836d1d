import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { DefinitionChanges } from '../follow-definitions.ts';
import type { RenderSource } from '../lifecycle/render-trial.ts';
import type { Timeouts } from '../model/experiment.ts';
import { trialName } from '../model/names.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Trial } from '../model/trial.ts';
import { expectedDuration, fitsInTime } from '../plan/expected-duration.ts';
import { planNext, type NextTrial, type Plan, type Stop, type WaitReason } from '../plan/plan-next.ts';
import type { QueuedSuggestion } from '../plan/queue.ts';
import type { Emit } from '../progress/events.ts';
import type { RemoteSource } from '../remote/remote-source.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { remoteQuestions } from './remote-questions.ts';
import type { TrialUnderWay } from './trials-under-way.ts';
import type { DealtTrial } from './work-slot.ts';

/** One experiment of this run, with the slots that may serve it. */
export type DealtExperiment = {
  source: RenderSource;
  queue: readonly QueuedSuggestion[];
  digest: string;
  commit: string;
  slots: readonly string[];
  /** What a trial may take at most while none has ended. */
  timeouts: Timeouts;
  /** Aborts when another runner took the experiment's Lease: then it is dealt no more. */
  lost: AbortSignal;
  /** Where its suggestions come from when the planner asks a remote API. */
  remote?: RemoteSource;
};

export type DealLimits = {
  maxTrials: number | undefined;
  /** No trial starts that is not expected to end before this time. */
  endBefore: Date | undefined;
  run: string;
};

export type Dealer = {
  deal(slot: string, signal: AbortSignal): Promise<DealtTrial | undefined>;
  ended(record: TrialRecord): void;
  /** The slot is worked no more in this run; a trial that it leaves unfinished stays taken, and nobody waits for it. */
  left(slot: string): void;
  /** Why each experiment stopped, by name; one that still had work when time or trials ran out is not here. */
  stopped(): ReadonlyMap<string, Stop>;
};

const WAITS: Record<WaitReason, (experiment: string) => string> = {
  BaselineRunning: (experiment) => `the baseline of ${experiment} is under way`,
  TrialsRunning: (experiment) => `what is next for ${experiment} depends on trials under way`,
};

/**
 * Deals trials to the slots that ask: the planner is asked anew each time, so that every result informs the next suggestion; experiments
 * that share slots take turns, the one with the fewest trials running first; none runs in more slots than its `replicas`. Of the trials
 * `underWay` only those in our `slots` are waited for: what becomes of the others another run decides. Before each trial the definitions
 * are looked at again: an experiment that says something else now begins nothing more. A remote API is asked once a slot is free for its
 * answer, one question at a time per experiment; while it has nothing the slots serve the other experiments.
 */
export function dealTrials(
  experiments: readonly DealtExperiment[],
  { underWay, slots }: { underWay: readonly TrialUnderWay[]; slots: readonly string[] },
  limits: DealLimits,
  deps: { records(experiment: string): readonly TrialRecord[]; changes: DefinitionChanges; clock: Clock; emit: Emit },
): Dealer {
  const worked = new Set(slots);
  let begun = [...underWay];
  const stopped = new Map<string, Stop>();
  let dealt = 0;
  let turn = 0;
  const lastTurn = new Map<string, number>();
  const questions = remoteQuestions(deps.clock);
  let change = Promise.withResolvers<void>();

  const running = ({ source: { experiment } }: DealtExperiment) => {
    const recorded = new Set(deps.records(experiment.name).map(({ spec }) => spec.uid));
    return begun.filter((trial) => trial.experiment === experiment.name && !recorded.has(trial.uid));
  };

  const endsHere = (each: DealtExperiment) => running(each).some(({ slot }) => worked.has(slot));

  const wake = () => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };

  const plan = (each: DealtExperiment): Plan =>
    planNext({
      experiment: each.source.experiment,
      digest: each.digest,
      queue: each.queue,
      records: deps.records(each.source.experiment.name),
      pending: running(each),
      run: limits.run,
      ...(limits.maxTrials !== undefined && { trialsLeft: limits.maxTrials - dealt - questions.open() }),
      ...remoteEnd(each),
    });

  const fits = ({ source, timeouts }: DealtExperiment) =>
    limits.endBefore === undefined ||
    fitsInTime(deps.clock.now().getTime(), limits.endBefore.getTime(), expectedDuration(deps.records(source.experiment.name), timeouts));

  const candidates = (slot: string) =>
    experiments
      .filter((each) => each.slots.includes(slot) && !each.lost.aborted && !stopped.has(each.source.experiment.name))
      .toSorted(
        (left, right) =>
          running(left).length - running(right).length ||
          (lastTurn.get(left.source.experiment.name) ?? 0) - (lastTurn.get(right.source.experiment.name) ?? 0),
      );

  const begin = (each: DealtExperiment, next: NextTrial, slot: string): DealtTrial => {
    const { experiment } = each.source;
    const { number, assignments, source } = next;
    dealt += 1;
    turn += 1;
    lastTurn.set(experiment.name, turn);
    const definition = { commit: each.commit, digest: each.digest };
    const trial: Trial = {
      experiment: experiment.name,
      number,
      name: trialName(experiment.name, number),
      assignments,
      source,
      slot,
      definition,
      run: limits.run,
      uid: randomUUID(),
    };
    begun.push(trial);
    return { trial, source: each.source };
  };

  const stopWorkOn = (experiment: string, stop: Stop) => {
    if (stopped.has(experiment)) return;
    stopped.set(experiment, stop);
    deps.emit({ type: 'experiment-finished', experiment, ...stop });
  };

  const tryDeal = (slot: string): Dealt | undefined => {
    const waits: { for: string; until: number }[] = [];
    const wait = (what: string, until = Infinity) => waits.push({ for: what, until });
    for (const each of candidates(slot)) {
      const { experiment } = each.source;
      if (!fits(each)) continue;
      if (questions.isOpen(experiment.name)) {
        wait(`the remote API of ${experiment.name} is asked`);
        continue;
      }
      if (running(each).length >= Math.max(experiment.replicas, 1)) {
        if (endsHere(each)) wait(`${experiment.name} has as many trials under way as it may`);
        continue;
      }
      const planned = plan(each);
      if ('next' in planned) return { dealt: begin(each, planned.next, slot) };
      if ('ask' in planned) {
        const at = questions.notBefore(experiment.name);
        if (deps.clock.now().getTime() >= at) return { ask: each };
        wait(`the remote API of ${experiment.name} has no trial yet`, at);
      } else if ('wait' in planned) {
        if (endsHere(each)) wait(WAITS[planned.wait](experiment.name));
      } else if (planned.stop.reason !== 'MaxTrials') stopWorkOn(experiment.name, planned.stop);
      else if (questions.open() > 0) wait('a remote API is asked');
    }
    if (waits.length === 0) return undefined;
    return { waitsFor: waits.map((each) => each.for).join(', '), until: Math.min(...waits.map(({ until }) => until)) };
  };

  const askRemote = async (each: DealtExperiment, slot: string, signal: AbortSignal): Promise<DealtTrial | undefined> => {
    const { name } = each.source.experiment;
    const consequences = {
      history: () => ({ records: deps.records(name), pending: running(each), isWaitedFor: endsHere(each) }),
      begin: (next: NextTrial) => begin(each, next, slot),
      stop: (stop: Stop) => stopWorkOn(name, stop),
    };
    try {
      return await questions.ask(name, each.remote!, consequences, signal);
    } finally {
      wake();
    }
  };

  const changeOrTime = async (until: number, signal: AbortSignal): Promise<void> => {
    if (until === Infinity) return unlessAborted(change.promise, signal);
    const woken = new AbortController();
    const time = deps.clock.sleep(until - deps.clock.now().getTime(), woken.signal);
    try {
      await unlessAborted(Promise.race([change.promise, time]), signal);
    } finally {
      woken.abort();
    }
  };

  return {
    async deal(slot, signal) {
      let told: string | undefined;
      for (;;) {
        signal.throwIfAborted();
        for (const [name, stop] of await deps.changes(signal)) stopWorkOn(name, stop);
        const found = tryDeal(slot);
        if (found === undefined) return undefined;
        if ('dealt' in found) return found.dealt;
        if ('ask' in found) {
          const dealtNow = await askRemote(found.ask, slot, signal);
          if (dealtNow !== undefined) return dealtNow;
          continue;
        }
        if (found.waitsFor !== told) deps.emit({ type: 'slot-waiting', slot, message: found.waitsFor });
        told = found.waitsFor;
        await changeOrTime(found.until, signal);
      }
    },
    ended({ spec }) {
      begun = begun.filter(({ uid }) => uid !== spec.uid);
      questions.ended(spec.experiment);
      wake();
    },
    left(slot) {
      worked.delete(slot);
      wake();
    },
    stopped: () => stopped,
  };
}

/** What can be done for a slot: a trial, a question to a remote API, or to wait for a change, at most until a time. */
type Dealt = { dealt: DealtTrial } | { ask: DealtExperiment } | { waitsFor: string; until: number };

function remoteEnd({ remote }: DealtExperiment): { remoteFinished?: string } {
  const finished = remote?.finished();
  return finished === undefined ? {} : { remoteFinished: finished };
}
