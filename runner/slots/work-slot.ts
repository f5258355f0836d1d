import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import type { Ledger } from '../ledger/port.ts';
import { boundRecord } from '../ledger/bound-record.ts';
import { untilReachable } from '../ledger/until-reachable.ts';
import { buildRecord } from '../lifecycle/build-record.ts';
import { runTrial, type TrialDeps, type TrialEnd } from '../lifecycle/run-trial.ts';
import { renderTrial, type RenderSource } from '../lifecycle/render-trial.ts';
import { timedStage } from '../lifecycle/stage-runner.ts';
import { teardown, type SlotState } from '../lifecycle/teardown.ts';
import type { TrialProgress } from '../lifecycle/trial-progress.ts';
import type { MetricAccess } from '../metrics/access/metric-access.ts';
import { PreflightFailed, StageFailure } from '../model/errors.ts';
import { checkAssignments } from '../model/parameter-space.ts';
import type { RecordedFailure, StageTiming, TrialRecord } from '../model/record.ts';
import type { Trial } from '../model/trial.ts';
import type { Emit } from '../progress/events.ts';
import type { SlotJournal } from './slot-journal.ts';
import { restoreSlot, settleSlot } from './settle-slot.ts';
import { QUARANTINE_LABEL } from './slot-lease.ts';
import type { Slot } from './slot.ts';
import type { Submissions } from './submissions.ts';
import { withDeletion } from './with-deletion.ts';

export type DealtTrial = { trial: Trial; source: RenderSource };

export type WorkDeps = {
  cluster: Cluster;
  clock: Clock;
  emit: Emit;
  ledger: Ledger;
  runner: { version: string; run: string };
  unschedulableGrace: number;
  /** The hosts that metrics may ask, and what they are sent. */
  metricAccess: MetricAccess;
  measure?: TrialDeps['measure'];
  /** The next trial for this slot; waits while results are pending; undefined when there is nothing more for it. */
  deal(slot: string, signal: AbortSignal): Promise<DealtTrial | undefined>;
  /** A trial is decided; the planner may go on from it. */
  ended(record: TrialRecord): void;
  /** This slot is worked no more, however it ended. */
  left(slot: string): void;
  /** A bug: no slot begins another trial in this run. */
  halt(): void;
};

export type SlotEnd = {
  slot: string;
  end: 'Done' | 'Quarantined';
  /** Something that should not happen: the run stops and says so. */
  bug?: unknown;
};

/** Records waiting for their push must leave room in the journal for the next trial; where they cannot be pushed, there is none. */
const MAX_OWED_BYTES = 100_000;

/**
 * Works one slot, strictly one trial after the other: first what its journal says is unfinished, then what is dealt to it. Rejects with
 * the signal's reason when the run ends or the Lease is lost; the journal then tells the next runner where to go on.
 */
export async function workSlot(slot: Slot, owed: Submissions, deps: WorkDeps, signal: AbortSignal): Promise<SlotEnd> {
  const scoped = AbortSignal.any([signal, slot.lease.lost]);
  for (const record of slot.journal.current().owed) owed.submit(record);

  const recovered = await recover(slot, deps, owed, scoped);
  if (recovered !== undefined) return { slot: slot.name, ...recovered };

  for (;;) {
    if (isFull(slot.journal) && (await owed.settle(scoped)).length > 0) break;
    const dealt = await deps.deal(slot.name, scoped);
    if (dealt === undefined) break;
    emitStart(dealt.trial, false, deps.emit);
    const begun = await createTrial(dealt, deps, scoped);
    const halt = await finishTrial(begun, slot, deps, owed, scoped);
    if (halt !== undefined) return { slot: slot.name, ...halt };
  }
  return { slot: slot.name, end: 'Done' };
}

function isFull(journal: SlotJournal): boolean {
  return JSON.stringify(journal.current().owed).length > MAX_OWED_BYTES;
}

type Halt = { end: 'Quarantined'; bug?: unknown } | { end: 'Done'; bug: unknown };
type Begun = { progress: TrialProgress } | { record: TrialRecord; trial: Trial };

/** Finishes what an earlier life of a runner began in this slot; a quarantined slot gets one more teardown. */
async function recover(slot: Slot, deps: WorkDeps, owed: Submissions, signal: AbortSignal): Promise<Halt | undefined> {
  const { active, teardown: unfinished, restore } = slot.journal.current();
  if (active !== undefined) {
    emitStart(active.rendered.trial, true, deps.emit);
    return finishTrial({ progress: active }, slot, deps, owed, signal);
  }
  const again = slot.lease.labels[QUARANTINE_LABEL] !== undefined;
  if (unfinished === undefined) return again ? settleSlot(await restoreSlot(slot, deps, signal), slot, deps) : undefined;
  const { experiment, uid } = unfinished.rendered.trial;
  const record = deps.ledger.records(experiment).find(({ spec }) => spec.uid === uid);
  const failureReason = record?.status.failure?.reason;
  const state = await teardown(unfinished.rendered, { ...deps, again, failureReason, ...(restore && { restore }) }, signal);
  if (record !== undefined) addDeletion(record, state, slot, owed);
  return settleSlot(state, slot, deps);
}

/** Renders the trial; whatever is wrong with it is a failed trial, and the cluster was not touched. */
async function createTrial({ trial, source }: DealtTrial, deps: WorkDeps, signal: AbortSignal): Promise<Begun> {
  const startedAt = deps.clock.now().toISOString();
  let timings: StageTiming[] = [];
  const limits = { deadline: 60_000, reason: 'RenderTimeout', startedAt };
  try {
    const rendered = await timedStage(
      trial.name,
      trial.slot,
      'create-trial',
      limits,
      async (scoped) => {
        requirePoint(trial, source);
        return untilReachable(() => renderTrial(trial, source), deps, scoped).catch(requireRepository);
      },
      deps,
      signal,
      (timing) => {
        timings = [timing];
      },
    );
    return { progress: { rendered, startedAt, stage: 'create-trial', stageStartedAt: startedAt, timings, results: {} } };
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    const record = buildRecord(
      { trial, baseline: trial.source.type === 'baseline', timings, results: {} },
      { status: 'Failed', failure: error, values: [] },
      deps.runner,
    );
    return { record, trial };
  }
}

/** Whoever made a suggestion up elsewhere may have another idea of the experiment than its definition. */
function requirePoint({ assignments, source: { type } }: Trial, { experiment }: RenderSource): void {
  if (type !== 'remote') return;
  const problems = checkAssignments(experiment.parameters, experiment.constraints, assignments);
  if (problems.length > 0) throw new StageFailure('create-trial', 'InvalidAssignments', problems.join('; '));
}

/** A file that only this trial's assignments name is asked for now, and a server that does not give it says nothing about them. */
function requireRepository(error: unknown): never {
  if (!(error instanceof PreflightFailed)) throw error;
  throw new StageFailure('create-trial', 'RepositoryUnavailable', error.message, { infrastructure: true, cause: error });
}

async function finishTrial(begun: Begun, slot: Slot, deps: WorkDeps, owed: Submissions, signal: AbortSignal): Promise<Halt | undefined> {
  if ('record' in begun) {
    const decided = boundRecord(begun.record);
    await slot.journal.owe(decided);
    owed.submit(decided);
    announce(decided, deps);
    return undefined;
  }
  const { rendered } = begun.progress;
  const {
    record,
    slot: state,
    bug,
  } = (await runTrial(
    begun.progress,
    {
      ...deps,
      checkpoint: (progress) => slot.journal.checkpoint(progress),
      restoreLog: { points: () => slot.journal.current().restore ?? [], remember: (points) => slot.journal.remember(points) },
      async report(record, bug) {
        if (bug !== undefined) deps.halt();
        // The journal has to hold it as well.
        const decided = boundRecord(record);
        await slot.journal.reported(rendered, decided);
        owed.submit(decided);
        announce(decided, deps);
      },
    },
    signal,
  )) satisfies TrialEnd;
  addDeletion(record, state, slot, owed);
  const halt = await settleSlot(state, slot, deps);
  if (bug !== undefined) return { end: halt?.end ?? 'Done', bug };
  return halt;
}

/**
 * Puts back what this run and earlier ones changed in the slot, when the run leaves it; not while a trial is under way there, which the
 * next run takes up. A slot where that fails is left out like one whose teardown failed.
 */
export async function leaveSlot(slot: Slot, deps: WorkDeps, signal: AbortSignal): Promise<Halt | undefined> {
  const { active, restore = [] } = slot.journal.current();
  if (active !== undefined || restore.length === 0) return undefined;
  const state = await restoreSlot(slot, deps, signal);
  return state.status === 'Dirty' ? settleSlot(state, slot, deps) : undefined;
}

function addDeletion(record: TrialRecord, state: SlotState, { journal }: Slot, owed: Submissions): void {
  const completed = withDeletion(record, state);
  if (completed === undefined) return;
  journal.completed(completed);
  owed.submit(completed);
}

function emitStart(trial: Trial, recovered: boolean, emit: Emit): void {
  emit({
    type: 'trial-started',
    experiment: trial.experiment,
    trial: trial.name,
    slot: trial.slot,
    source: trial.source.type,
    assignments: Object.fromEntries(trial.assignments.map(({ name, value }) => [name, value])),
    recovered,
  });
}

function announce(record: TrialRecord, { emit, ended }: WorkDeps): void {
  const { status, spec, metadata } = record;
  const first = status.stages.at(0);
  const last = status.stages.at(-1);
  emit({
    type: 'trial-finished',
    experiment: spec.experiment,
    trial: metadata.name,
    slot: spec.slot,
    phase: status.phase,
    ...(status.failure && outline(status.failure)),
    values: Object.fromEntries(status.values.map(({ name, value }) => [name, value])),
    seconds: first && last ? (Date.parse(last.finishedAt) - Date.parse(first.startedAt)) / 1000 : 0,
  });
  ended(record);
}

function outline({ stage, reason, message, infrastructure }: RecordedFailure) {
  return { stage, reason, message, infrastructure };
}
