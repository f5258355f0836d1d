import { median } from '../../model/median.ts';
import type { BoardState, ExperimentState, TrialState } from './board-state.ts';

/** `AtMost` where only the run's own limit is known. Milliseconds. */
export type TimeLeft = { is: 'About' | 'AtMost'; milliseconds: number };

type Work = { experiment: ExperimentState; running: readonly TrialState[]; waiting: number };

/**
 * How long the run will take from `now`: what trials usually take (the median of this run's, else of earlier ones) with their teardown,
 * times those left, over as many as run at once; experiments share the slots. Undefined while no trial has completed and nothing limits the run,
 * and when what runs takes longer than that.
 */
export function timeLeft(state: BoardState, now: number): TimeLeft | undefined {
  const limit = state.endBefore === undefined ? Infinity : Math.max(0, state.endBefore - now);
  const estimate = estimateOf(state, now);
  const left: TimeLeft =
    estimate !== undefined && estimate <= limit ? { is: 'About', milliseconds: estimate } : { is: 'AtMost', milliseconds: limit };
  return left.milliseconds > 0 && Number.isFinite(left.milliseconds) ? left : undefined;
}

/** Trials that count when the run is over, as far as anybody knows: what the bar is measured by. */
export function trialsInAll(state: BoardState): number {
  const done = state.experiments.reduce((sum, { trials }) => sum + trials, 0);
  return done + workOf(state).reduce((sum, { running, waiting }) => sum + running.length + waiting, 0);
}

function estimateOf(state: BoardState, now: number): number | undefined {
  const work = workOf(state).filter(({ running, waiting }) => running.length + waiting > 0);
  const costs = work.map((each) => costOf(each, now));
  if (costs.some((cost) => cost === undefined)) return undefined;
  const known = costs.filter((cost) => cost !== undefined);
  const slots = Math.max(1, state.slots.filter(({ status }) => status === 'Idle' || status === 'Trial').length);
  const shared = known.reduce((sum, { total }) => sum + total, 0) / slots;
  return Math.max(shared, ...known.map(({ longest }) => longest));
}

/** All that is left to do of one experiment, and how long it takes with all the slots that it may have. */
function costOf({ experiment, running, waiting }: Work, now: number): { total: number; longest: number } | undefined {
  const measured = median(experiment.durations) ?? experiment.usual;
  if (measured === undefined) return undefined;
  const usual = measured + (median(experiment.teardowns) ?? 0);
  const underWay = running.map(({ startedAt }) => Math.max(0, usual - (now - startedAt)));
  const total = underWay.reduce((sum, each) => sum + each, 0) + waiting * usual;
  const longest = Math.max(total / Math.max(1, experiment.parallel), waiting > 0 ? usual : 0, ...underWay);
  return { total, longest };
}

/** What runs of each experiment and what waits, within what the run may still begin. */
function workOf({ slots, experiments, mayBegin }: BoardState): Work[] {
  let beginnings = mayBegin;
  return experiments.map((experiment) => {
    const running = slots.flatMap((slot) =>
      slot.status === 'Trial' && !slot.isDecided && slot.experiment === experiment.name ? [slot] : [],
    );
    const waiting = Math.max(0, Math.min(experiment.left - running.length, beginnings));
    beginnings -= waiting;
    return { experiment, running, waiting };
  });
}
