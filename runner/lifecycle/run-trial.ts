import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import type { MetricAccess } from '../metrics/access/metric-access.ts';
import { StageFailure } from '../model/errors.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Emit } from '../progress/events.ts';
import { applyPatches, type RestoreLog } from './apply-patches.ts';
import { checkBounds } from './check-bounds.ts';
import { checkDrift } from './check-drift.ts';
import { checkWorkloads } from './check-workloads.ts';
import { collectMetrics, type CollectDeps } from './collect-metrics.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { runJob, trialPods } from './run-job.ts';
import { setupCreate } from './setup-create.ts';
import { stabilize, stabilizeEvidence } from './stabilize.ts';
import { stageRunner, type StageRunner } from './stage-runner.ts';
import { teardown, type SlotState } from './teardown.ts';
import { buildRecord, type Outcome } from './build-record.ts';
import type { AppliedPatch, TrialProgress } from './trial-progress.ts';

export type TrialDeps = {
  cluster: Cluster;
  clock: Clock;
  emit: Emit;
  /** Milliseconds that pods may stay unschedulable. */
  unschedulableGrace: number;
  runner: { version: string; run: string };
  /** The hosts that metrics may ask, and what they are sent. */
  metricAccess: MetricAccess;
  /** Default: the source that a metric's type names is asked. */
  measure?: CollectDeps['measure'];
  /** Journals how far the trial is; every stage begins with it. Throws when the slot is not ours any more. */
  checkpoint(progress: TrialProgress): Promise<void>;
  /** What patches change, in the slot's journal. */
  restoreLog: RestoreLog;
  /** Journals the record and hands it to the ledger; the push is not waited for. With the bug, where the trial met one. */
  report(record: TrialRecord, bug?: unknown): Promise<void>;
};

export type TrialEnd = { record: TrialRecord; slot: SlotState; bug?: unknown };

/**
 * One trial from setup-create to setup-delete, from wherever its journal says it is. A failure of any stage up to collect makes the
 * trial Failed and is data; report and setup-delete happen all the same. Rejects only when the run itself ends (the signal's reason):
 * then the slot is left as it is, journaled, for whoever comes next.
 */
export async function runTrial(start: TrialProgress, deps: TrialDeps, signal: AbortSignal): Promise<TrialEnd> {
  const runner = stageRunner(start, deps, signal);
  const outcome = await tryTrial(runner, start, deps, signal);
  const record = buildRecord({ ...runner.progress(), ...start.rendered }, outcome, deps.runner);
  const bug = outcome.status === 'Failed' ? outcome.bug : undefined;
  await deps.report(record, bug);
  const completedJob = runner.progress().results.run?.jobUid;
  const failureReason = record.status.failure?.reason;
  const slot = await teardown(start.rendered, { ...deps, completedJob, failureReason, restore: deps.restoreLog.points() }, signal);
  return { record, slot, ...(bug !== undefined && { bug }) };
}

async function tryTrial(runner: StageRunner, start: TrialProgress, deps: TrialDeps, signal: AbortSignal): Promise<Outcome> {
  try {
    return await measureTrial(runner, start, deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StageFailure) return { status: 'Failed', failure: error, values: [] };
    const failure = new StageFailure(runner.progress().stage, 'InternalError', String(error), { infrastructure: true, cause: error });
    return { status: 'Failed', failure, values: [], bug: error };
  }
}

async function measureTrial({ stage }: StageRunner, start: TrialProgress, deps: TrialDeps, signal: AbortSignal): Promise<Outcome> {
  const { rendered } = start;
  const { trial, setup, timeouts } = rendered;
  const { cluster } = deps;
  const podEvidence = (role: 'trialRun' | 'trialSetup') => async (scoped: AbortSignal) =>
    gatherEvidence(await trialPods(rendered, cluster, scoped, role), cluster, scoped);

  if (setup !== undefined && (setup.create !== undefined || setup.configMaps.length > 0 || rendered.files !== undefined)) {
    await stage(
      'setup-create',
      { deadline: timeouts.setup, reason: 'SetupJobTimeout', evidence: podEvidence('trialSetup') },
      (scoped, waiting) => setupCreate({ setup, files: rendered.files }, { ...deps, waiting }, scoped),
    );
  }

  const restoring = rendered.restore === 'never' ? undefined : { until: rendered.restore, log: deps.restoreLog };
  let applied: readonly AppliedPatch[] = [];
  if (rendered.patches.length > 0 || rendered.readinessGates.length > 0) {
    applied = await stage('patch', { deadline: timeouts.stabilize, reason: 'PatchTimeout' }, (scoped, waiting) =>
      applyPatches(rendered.patches, trial.slot, { cluster, waiting, restoring, resumed: start.stage === 'patch' }, scoped),
    );
    const evidence = (scoped: AbortSignal) => stabilizeEvidence(rendered, cluster, scoped);
    await stage('stabilize', { deadline: timeouts.stabilize, reason: 'ReadinessTimeout', evidence, readsOnly: true }, (scoped, waiting) =>
      stabilize(rendered, applied, { ...deps, waiting }, scoped),
    );
  }

  const { window } = await stage(
    'run',
    { deadline: timeouts.run + rendered.initialDelay, reason: 'DeadlineExceeded', evidence: podEvidence('trialRun') },
    (scoped, waiting) => runJob(rendered, { ...deps, waiting }, scoped),
  );

  const values = await stage(
    'collect',
    { deadline: timeouts.collect, reason: 'MetricFailed', readsOnly: true },
    async (scoped, waiting) => {
      // Numbers count only if they were measured with the settings that the trial is about.
      const patched = await checkDrift(rendered, applied, deps, scoped);
      await checkWorkloads(rendered, patched, deps, scoped);
      return collectMetrics(rendered, window, { ...deps, waiting }, scoped);
    },
  );
  signal.throwIfAborted();
  const violated = rendered.baseline ? undefined : checkBounds(rendered.metrics, values);
  return violated === undefined ? { status: 'Completed', values } : { status: 'Failed', failure: violated, values };
}
