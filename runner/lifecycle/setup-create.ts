import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { JsonObject } from '../model/experiment.ts';
import type { Stage } from '../model/stage.ts';
import type { RenderedSetup } from '../model/trial.ts';
import { podImages } from './assess-job-pods.ts';
import { awaitJob } from './await-job.ts';
import { ensureConfigMap } from './ensure-config-map.ts';
import { ensureObject } from './ensure-object.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { mountedConfigMaps } from './mounted-config-maps.ts';
import type { SetupResult } from './trial-progress.ts';

export type SetupDeps = { cluster: Cluster; clock: Clock; unschedulableGrace: number; waiting: (message: string) => void };

/** Runs the setup Job to its end; any failed container fails the trial with its name, exit code and last log lines. */
export async function setupCreate(
  { setup, files }: { setup: RenderedSetup; files?: JsonObject | undefined },
  deps: SetupDeps,
  signal: AbortSignal,
): Promise<SetupResult> {
  const configMaps = files === undefined ? setup.configMaps : [...setup.configMaps, files];
  // Also where only the delete Job reads them: after this stage nobody has to know what could not be written.
  for (const configMap of configMaps) await ensureConfigMap(configMap, 'setup-create', deps.cluster, signal);
  if (setup.create === undefined) return { images: [] };
  const written = configMaps.map((configMap) => (configMap as KubeObject).metadata.name);
  await requireConfigMaps(setup.create, written, deps.cluster, signal);
  const pods = await runSetupJob(setup.create, 'setup-create', deps, signal);
  return { images: podImages(pods) };
}

/** A pod whose ConfigMap is missing waits for it until the deadline; who forgot it is told at once. */
async function requireConfigMaps(
  job: JsonObject,
  written: readonly string[],
  cluster: Pick<Cluster, 'read'>,
  signal: AbortSignal,
): Promise<void> {
  const namespace = (job as KubeObject).metadata.namespace;
  for (const name of mountedConfigMaps(job)) {
    if (written.includes(name)) continue;
    if ((await cluster.read({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace }, signal)) !== undefined) continue;
    const message = `ConfigMap "${name}" is not in the slot, and the setup mounts it`;
    throw new StageFailure('setup-create', 'ContainerConfigError', message);
  }
}

/** Runs a setup Job, for create and delete alike, and returns its pods. Throws StageFailure with the failed container's evidence. */
export async function runSetupJob(manifest: JsonObject, stage: Stage, deps: SetupDeps, signal: AbortSignal): Promise<KubeObject[]> {
  const job = await ensureObject(manifest, stage, deps.cluster, signal);
  const containers: string[] = job.spec.template.spec.containers.map((container: any) => container.name);
  const ended = await awaitJob(job, containers, deps, signal);
  if (ended.status === 'Succeeded') return ended.pods;
  const evidence = await gatherEvidence(ended.pods, deps.cluster, signal);
  const lastLine = evidence.containers
    ?.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0)
    ?.log?.split('\n')
    .at(-1);
  throw new StageFailure(stage, setupReason(ended.reason), lastLine ? `${ended.message}: ${lastLine}` : ended.message, {
    evidence,
    infrastructure: ended.infrastructure,
  });
}

/** The ancestor's one reason for a setup task that failed (R§13.2); what kept a task from starting keeps its own. */
function setupReason(reason: string): string {
  return reason === 'ContainerFailed' || reason === 'PodFailed' || reason === 'BackoffLimitExceeded' ? 'SetupJobFailed' : reason;
}
