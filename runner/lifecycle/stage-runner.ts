import type { Clock } from '../clock.ts';
import { ClusterError, isTransient } from '../cluster/errors.ts';
import { InvalidInput, StageFailure, type Evidence } from '../model/errors.ts';
import type { StageTiming } from '../model/record.ts';
import type { Stage } from '../model/stage.ts';
import type { Emit } from '../progress/events.ts';
import { formatDuration } from '../progress/format-duration.ts';
import { refusalReason } from './refusal-reason.ts';
import type { StageResults, TrialProgress } from './trial-progress.ts';

/** A stage's work: `waiting` says what is still missing, for the progress and for the message when the deadline passes. */
export type StageWork<Result> = (signal: AbortSignal, waiting: (message: string) => void) => Promise<Result>;

export type StageLimits = {
  /** Milliseconds from the stage's first beginning, also when another runner began it. */
  deadline: number;
  /** The failure's reason when the deadline passes. */
  reason: string;
  /** What explains it, looked at after the deadline. */
  evidence?: (signal: AbortSignal) => Promise<Evidence>;
  /** The work changes nothing, so it does not wait until its beginning is journaled: begun again, it finds the same. */
  readsOnly?: boolean;
};

/** However long ago a stage began, whoever takes it over looks at the cluster for this long, or for the whole of a shorter deadline. */
const LEAST_TIME = 15_000;
const EVIDENCE_TIME = 15_000;

export type StageRunner = {
  /**
   * Runs a stage unless an earlier life of the runner finished it, in which case its journaled result is handed on. Journals the
   * beginning, emits start and end, and turns expected failures and the passed deadline into StageFailure; bugs travel on.
   */
  stage<Name extends keyof StageResults>(
    name: Name,
    limits: StageLimits,
    work: StageWork<NonNullable<StageResults[Name]>>,
  ): Promise<NonNullable<StageResults[Name]>>;
  progress(): TrialProgress;
};

export function stageRunner(
  start: TrialProgress,
  deps: { clock: Clock; emit: Emit; checkpoint: (progress: TrialProgress) => Promise<void> },
  signal: AbortSignal,
): StageRunner {
  let progress = start;
  const { name: trial, slot } = start.rendered.trial;

  return {
    progress: () => progress,
    async stage(name, limits, work) {
      const finished = progress.results[name];
      if (finished !== undefined) return finished;
      const now = deps.clock.now().toISOString();
      const resumed = progress.stage === name;
      progress = resumed ? progress : { ...progress, stage: name, stageStartedAt: now };
      const journaled = resumed ? undefined : journal(progress, deps.checkpoint);
      // Looked at below; until then a rejection is not unhandled.
      if (limits.readsOnly === true) journaled?.catch(() => undefined);
      else await journaled;
      const startedAt = progress.stageStartedAt;
      const result = await timedStage(trial, slot, name, { ...limits, startedAt, resumed }, work, deps, signal, (timing) => {
        progress = { ...progress, timings: [...progress.timings, timing] };
      });
      await journaled;
      progress = { ...progress, results: { ...progress.results, [name]: result } };
      return result;
    },
  };
}

/** Without its journal no stage begins. An API server that refuses or is away says nothing about the settings. */
async function journal(progress: TrialProgress, checkpoint: (progress: TrialProgress) => Promise<void>): Promise<void> {
  try {
    await checkpoint(progress);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const reason = isTransient(error) ? 'ApiUnavailable' : refusalReason(error);
    throw new StageFailure(progress.stage, reason, `the slot's journal cannot be written: ${error.message}`, {
      infrastructure: true,
      cause: error,
    });
  }
}

/** Runs one stage's work under its deadline, with its events; also for the stages that do not decide over the trial. */
export async function timedStage<Result>(
  trial: string,
  slot: string,
  stage: Stage,
  limits: StageLimits & { startedAt: string; resumed?: boolean },
  work: StageWork<Result>,
  { clock, emit }: { clock: Clock; emit: Emit },
  signal: AbortSignal,
  onEnd: (timing: StageTiming) => void,
): Promise<Result> {
  const seconds = () => (clock.now().getTime() - Date.parse(limits.startedAt)) / 1000;
  const left = limits.deadline - seconds() * 1000;
  const given = Math.max(left, Math.min(limits.deadline, LEAST_TIME));
  const deadline = startDeadline(given, clock);
  const scoped = AbortSignal.any([signal, deadline.signal]);
  let missing = '';
  const waiting = (message: string) => {
    if (message === missing) return;
    missing = message;
    emit({ type: 'waiting', trial, slot, stage, message });
  };
  emit({ type: 'stage-started', trial, slot, stage });
  try {
    const result = await work(scoped, waiting);
    emit({ type: 'stage-finished', trial, slot, stage, seconds: seconds() });
    return result;
  } catch (error) {
    // The run's own end is no failure of the trial.
    signal.throwIfAborted();
    // Work that ended with its own failure at the deadline knows more than that time was up.
    const isSilent = deadline.signal.aborted && !(error instanceof StageFailure);
    const isLate = limits.resumed === true && given > left;
    const failure = isSilent ? await timedOut(stage, limits, missing, isLate, clock) : asStageFailure(stage, error);
    emit({ type: 'stage-failed', trial, slot, stage, reason: failure.reason, message: failure.message, seconds: seconds() });
    throw failure;
  } finally {
    deadline.stop();
    onEnd({ stage, startedAt: limits.startedAt, finishedAt: clock.now().toISOString() });
  }
}

function startDeadline(milliseconds: number, clock: Clock): { signal: AbortSignal; stop(): void } {
  const passed = new AbortController();
  const stopped = new AbortController();
  clock.sleep(milliseconds, stopped.signal).then(
    () => passed.abort(new Error('deadline passed')),
    () => undefined,
  );
  return { signal: passed.signal, stop: () => stopped.abort(new Error('stage ended')) };
}

/** A stage for which nobody was there while its time ran out was interrupted: it might have ended well. */
async function timedOut(stage: Stage, limits: StageLimits, missing: string, isLate: boolean, clock: Clock): Promise<StageFailure> {
  const limit = startDeadline(EVIDENCE_TIME, clock);
  const reason = isLate ? 'Interrupted' : limits.reason;
  const message = `${missing === '' ? 'not done' : missing} after ${formatDuration(limits.deadline)}${isLate ? ', in which no runner was there' : ''}`;
  try {
    const evidence = (await limits.evidence?.(limit.signal)) ?? {};
    return new StageFailure(stage, reason, message, { evidence, infrastructure: isLate });
  } catch (error) {
    if (!(error instanceof ClusterError) && !limit.signal.aborted) throw error;
    return new StageFailure(stage, reason, message, {
      evidence: { refused: `evidence unavailable: ${(error as Error).message}` },
      infrastructure: isLate,
      cause: error,
    });
  } finally {
    limit.stop();
  }
}

/** Expected failures become the stage's; whatever else was thrown is a bug and travels on as it is. */
function asStageFailure(stage: Stage, error: unknown): StageFailure {
  if (error instanceof StageFailure) return error;
  if (error instanceof InvalidInput) return new StageFailure(stage, 'InvalidDefinition', error.message, { cause: error });
  if (error instanceof ClusterError) {
    if (isTransient(error)) return new StageFailure(stage, 'ApiUnavailable', error.message, { infrastructure: true, cause: error });
    return new StageFailure(stage, refusalReason(error), error.message, { evidence: { refused: error.message }, cause: error });
  }
  throw error;
}
