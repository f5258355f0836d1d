import type { Stage } from '../../model/stage.ts';
import type { BestValue, MetricOutline, RunEvent } from '../events.ts';

/** What a run's events come to so far: all that the board shows. Times in milliseconds since 1970. */
export type BoardState = {
  /** In the order in which the run names them. */
  slots: readonly SlotState[];
  /** In the order in which they begin. */
  experiments: readonly ExperimentState[];
  /** How many trials the run may still begin; Infinity without a limit. */
  mayBegin: number;
  /** When the run begins no more trials; undefined without a limit. */
  endBefore: number | undefined;
};

/** `since`: when it came to be in this state; of a trial, when its stage began. */
export type SlotState = { slot: string; since: number } & (
  | { status: 'Idle'; waitsFor?: string }
  | ({ status: 'Trial' } & TrialState)
  | { status: 'Quarantined'; reason: string; message: string }
  | { status: 'Done' }
);

export type TrialState = {
  trial: string;
  /** Absent where only a teardown is made up for. */
  experiment?: string;
  source?: string;
  stage: Stage;
  waitsFor?: string;
  startedAt: number;
  /** Its record is written; what follows is the teardown. */
  isDecided: boolean;
};

export type ExperimentState = {
  name: string;
  /** Those that count, of them the failed ones, and how many more there may be at most. */
  trials: number;
  failed: number;
  left: number;
  /** How many may run at once. */
  parallel: number;
  /** The median of what trials took before this run; undefined when none had completed. Milliseconds. */
  usual: number | undefined;
  /** What trials took that completed in this run, and what their teardowns took after that. Milliseconds. */
  durations: readonly number[];
  teardowns: readonly number[];
  metrics: readonly MetricOutline[];
  baseline: Readonly<Record<string, number>>;
  best: readonly BestValue[];
};

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

export const EMPTY_BOARD: BoardState = { slots: [], experiments: [], mayBegin: Infinity, endBefore: undefined };

/** The board after one more event, which happened at the time `at`. */
export function nextBoard(state: BoardState, event: RunEvent, at: number): BoardState {
  switch (event.type) {
    case 'run-started':
      return {
        ...state,
        mayBegin: event.maxTrials ?? Infinity,
        endBefore: event.endBefore === undefined ? undefined : Date.parse(event.endBefore),
      };
    case 'slots-taken':
      return { ...state, slots: event.slots.map((slot) => ({ slot, since: at, status: 'Idle' })) };
    case 'experiment-started':
      return { ...state, experiments: [...state.experiments, experimentOf(event)] };
    case 'slot-waiting':
      return withSlot(state, event.slot, ({ slot, status, since }) => ({
        slot,
        since: status === 'Idle' ? since : at,
        status: 'Idle',
        waitsFor: event.message,
      }));
    case 'trial-started':
      return withSlot({ ...state, mayBegin: state.mayBegin - Number(!event.recovered) }, event.slot, ({ slot }) => ({
        slot,
        since: at,
        status: 'Trial',
        trial: event.trial,
        experiment: event.experiment,
        source: event.source,
        stage: 'create-trial',
        startedAt: at,
        isDecided: false,
      }));
    case 'stage-started':
      return withSlot(state, event.slot, (slot) => inStage(slot, event, at));
    case 'waiting':
      return withSlot(state, event.slot, (slot) => (slot.status === 'Trial' ? { ...slot, waitsFor: event.message } : slot));
    case 'stage-finished':
      return withSlot(withTeardown(state, event), event.slot, (slot) => afterStage(slot, event.stage, at));
    case 'stage-failed':
      return withSlot(state, event.slot, (slot) => afterStage(slot, event.stage, at));
    case 'trial-finished':
      return withFinished(state, event);
    case 'slot-quarantined':
      return withSlot(state, event.slot, ({ slot }) => ({
        slot,
        since: at,
        status: 'Quarantined',
        reason: event.reason,
        message: event.message,
      }));
    case 'slot-finished':
      return withSlot(state, event.slot, (slot) => (slot.status === 'Quarantined' ? slot : { slot: slot.slot, since: at, status: 'Done' }));
    case 'experiment-finished':
      return withExperiment(state, event.experiment, (each) => ({ ...each, left: 0 }));
    default:
      return state;
  }
}

function experimentOf({
  experiment,
  trials,
  failed,
  left,
  parallel,
  seconds,
  metrics,
  baseline,
  best,
}: EventOf<'experiment-started'>): ExperimentState {
  const usual = seconds === undefined ? undefined : seconds * 1000;
  return { name: experiment, trials, failed, left, parallel, usual, durations: [], teardowns: [], metrics, baseline, best };
}

function inStage(slot: SlotState, { trial, stage }: EventOf<'stage-started'>, at: number): SlotState {
  // A teardown that an earlier run could not finish belongs to no trial of this one.
  const begun = slot.status === 'Trial' ? slot : { trial, startedAt: at, isDecided: true };
  const { waitsFor: _, ...rest } = { waitsFor: undefined, ...begun };
  return { ...rest, slot: slot.slot, status: 'Trial', stage, since: at };
}

/** The last stage leaves the slot free; between others what was waited for is over. */
function afterStage(slot: SlotState, stage: Stage, at: number): SlotState {
  if (slot.status !== 'Trial') return slot;
  if (stage === 'setup-delete') return { slot: slot.slot, since: at, status: 'Idle' };
  const { waitsFor: _, ...rest } = slot;
  return rest;
}

function withTeardown(state: BoardState, { slot, stage, seconds }: EventOf<'stage-finished'>): BoardState {
  const trial = state.slots.find((each) => each.slot === slot);
  if (stage !== 'setup-delete' || trial?.status !== 'Trial' || trial.experiment === undefined) return state;
  return withExperiment(state, trial.experiment, (each) => ({ ...each, teardowns: [...each.teardowns, seconds * 1000] }));
}

function withFinished(state: BoardState, event: EventOf<'trial-finished'>): BoardState {
  const before = state.slots.find(({ slot }) => slot === event.slot);
  const isBaseline = before?.status === 'Trial' && before.source === 'baseline';
  const decided = withSlot(state, event.slot, (slot) => {
    if (slot.status !== 'Trial') return slot;
    const { waitsFor: _, ...rest } = slot;
    return { ...rest, isDecided: true };
  });
  if (event.infrastructure === true) return decided;
  const isCompleted = event.phase === 'Completed';
  return withExperiment(decided, event.experiment, (each) => ({
    ...each,
    trials: each.trials + 1,
    failed: each.failed + Number(!isCompleted),
    left: Math.max(0, each.left - 1),
    ...(isCompleted && { durations: [...each.durations, event.seconds * 1000], best: withValues(each, event) }),
    ...(isCompleted && isBaseline && { baseline: event.values }),
  }));
}

/** A baseline may complete outside its bounds, and is no best then. */
function withValues({ metrics, best }: ExperimentState, { trial, values }: EventOf<'trial-finished'>): BestValue[] {
  const isWithin = metrics.every(({ name, min = -Infinity, max = Infinity }) => {
    const value = values[name];
    return value === undefined || (value >= min && value <= max);
  });
  return metrics
    .filter(({ optimize }) => optimize)
    .flatMap(({ name, minimize }) => {
      const before = best.find(({ metric }) => metric === name);
      const value = isWithin ? values[name] : undefined;
      const isBetter = value !== undefined && (before === undefined || (minimize ? value < before.value : value > before.value));
      if (isBetter) return [{ metric: name, trial, value }];
      return before === undefined ? [] : [before];
    });
}

function withSlot(state: BoardState, name: string, change: (slot: SlotState) => SlotState): BoardState {
  return { ...state, slots: state.slots.map((slot) => (slot.slot === name ? change(slot) : slot)) };
}

function withExperiment(state: BoardState, name: string, change: (experiment: ExperimentState) => ExperimentState): BoardState {
  return { ...state, experiments: state.experiments.map((each) => (each.name === name ? change(each) : each)) };
}
