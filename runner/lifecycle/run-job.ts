import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import { LABELS } from '../model/names.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { podImages, trialWindow } from './assess-job-pods.ts';
import { awaitJob } from './await-job.ts';
import { ensureConfigMap } from './ensure-config-map.ts';
import { ensureObject } from './ensure-object.ts';
import { gatherEvidence } from './gather-evidence.ts';
import type { RunResult } from './trial-progress.ts';

export type RunDeps = { cluster: Cluster; clock: Clock; unschedulableGrace: number; waiting: (message: string) => void };

/**
 * Runs the trial Job to its end and gives the window its containers ran in. A Job that this trial created before a restart is adopted.
 * Throws StageFailure with exit code, reason and last log lines.
 */
export async function runJob(rendered: RenderedTrial, deps: RunDeps, signal: AbortSignal): Promise<RunResult> {
  if (rendered.initialDelay > 0 && !(await hasBegun(rendered, deps.cluster, signal))) {
    deps.waiting('initial delay');
    await deps.clock.sleep(rendered.initialDelay, signal);
  }
  if (rendered.files !== undefined) await ensureConfigMap(rendered.files, 'run', deps.cluster, signal);
  const job = await ensureObject(rendered.job, 'run', deps.cluster, signal);
  const ended = await awaitJob(job, rendered.containers, deps, signal);
  if (ended.status === 'Failed') {
    const evidence = await gatherEvidence(ended.pods, deps.cluster, signal);
    throw new StageFailure('run', ended.reason, ended.message, { evidence, infrastructure: ended.infrastructure });
  }
  const window = trialWindow(ended.pods, rendered.containers, rendered.startTimeOffset);
  if (window === undefined) {
    throw new StageFailure('run', 'PodLost', 'the trial Job completed, but no pod tells when its containers ran', { infrastructure: true });
  }
  return { window, jobUid: String(job.metadata.uid), images: podImages(ended.pods) };
}

/** Whether the Job is there already: it was created after the delay, before a restart. */
async function hasBegun({ job, trial }: RenderedTrial, cluster: Pick<Cluster, 'read'>, signal: AbortSignal): Promise<boolean> {
  const { name } = job['metadata'] as { name: string };
  return (await cluster.read({ apiVersion: 'batch/v1', kind: 'Job', name, namespace: trial.slot }, signal)) !== undefined;
}

/** The pods of the trial Job, or of the setup Jobs, as they are now: for evidence and for metrics that read logs. */
export async function trialPods(
  rendered: RenderedTrial,
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
  role: 'trialRun' | 'trialSetup' = 'trialRun',
): Promise<KubeObject[]> {
  const labelSelector = `${LABELS.trialUid}=${rendered.trial.uid},${LABELS.role}=${role}`;
  return (await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace: rendered.trial.slot, labelSelector }, signal)).items;
}
