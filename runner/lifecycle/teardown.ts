import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject, ObjectRef } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { JsonObject } from '../model/experiment.ts';
import { LABELS } from '../model/names.ts';
import type { RenderedTrial } from '../model/trial.ts';
import type { Emit } from '../progress/events.ts';
import { isOurs } from './ensure-object.ts';
import { restoreObjects } from './restore-objects.ts';
import type { RestorePoint } from './restore-point.ts';
import { runSetupJob } from './setup-create.ts';
import { timedStage } from './stage-runner.ts';

export type SlotState = { status: 'Clean' } | { status: 'Dirty'; reason: string; message: string };

export type TeardownDeps = {
  cluster: Cluster;
  clock: Clock;
  emit: Emit;
  unschedulableGrace: number;
  /** An earlier attempt failed: its delete Job must not answer for this one. */
  again?: boolean;
  /** The trial Job's uid once it has completed: it starts no pod any more, and need not be looked for. */
  completedJob?: string | undefined;
  /** What patches changed in the slot; what is to be put back after each trial is. */
  restore?: readonly RestorePoint[];
  /** Why the trial failed, for the delete Job's tasks (R§7.2). */
  failureReason?: string | undefined;
};

/**
 * Empties the slot after success and after failure alike: stops the trial Job, runs the setup's delete Job, removes what the trial
 * created, and puts back what its patches changed where that is wanted after each trial. A failure leaves the result as it is and makes
 * the slot Dirty. Rejects only with the signal's reason.
 */
export async function teardown(rendered: RenderedTrial, deps: TeardownDeps, signal: AbortSignal): Promise<SlotState> {
  const { trial, timeouts } = rendered;
  const limits = { deadline: timeouts.setupDelete, reason: 'SetupJobTimeout', startedAt: deps.clock.now().toISOString() };
  try {
    await timedStage(
      trial.name,
      trial.slot,
      'setup-delete',
      limits,
      (scoped, waiting) => emptyAndRestore(rendered, { ...deps, waiting }, scoped),
      deps,
      signal,
      () => undefined,
    );
    return { status: 'Clean' };
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    return { status: 'Dirty', reason: error.reason, message: error.message };
  }
}

/** Neither keeps the other from being done; the setup's failure is told first. */
async function emptyAndRestore(
  rendered: RenderedTrial,
  deps: TeardownDeps & { waiting: (message: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const points = (deps.restore ?? []).filter(({ until }) => until === 'trial');
  const settled = await Promise.allSettled([emptySlot(rendered, deps, signal), restoreObjects(points, rendered.trial.slot, deps, signal)]);
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
}

async function emptySlot(
  rendered: RenderedTrial,
  deps: TeardownDeps & { waiting: (message: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const { cluster, completedJob } = deps;
  const { setup, job } = rendered;
  const createJob = setup?.create === undefined ? undefined : await findOwn(setup.create, cluster, signal);
  const hasSetUp = createJob === undefined || (await mayHaveRun(createJob, cluster, signal));
  if (completedJob === undefined) await removeOwn(job, cluster, signal);
  if (createJob !== undefined) await remove(createJob, cluster, signal);
  if (setup?.delete !== undefined && deps.again === true) await removeOwn(setup.delete, cluster, signal);
  await Promise.all([podsGone(rendered, deps, signal), completedJob !== undefined && remove(withUid(job, completedJob), cluster, signal)]);
  const written = [...(setup?.configMaps ?? []), ...(rendered.files === undefined ? [] : [rendered.files])];
  const configMaps = await Promise.all(written.map((configMap) => findOwn(configMap, cluster, signal)));
  if (setup?.delete !== undefined) {
    // The order and the chart may be missing when the trial ended before setup-create could write them: then there is nothing to delete.
    const attempted = hasSetUp && configMaps.every((configMap) => configMap !== undefined);
    if (attempted) await runSetupJob(withFailureReason(setup.delete, deps.failureReason), 'setup-delete', deps, signal);
    await removeOwn(setup.delete, cluster, signal);
  }
  for (const configMap of configMaps) if (configMap !== undefined) await remove(configMap, cluster, signal);
}

function withFailureReason(job: JsonObject, reason: string | undefined): JsonObject {
  if (reason === undefined) return job;
  const { spec } = job as KubeObject;
  const containers = spec.template.spec.containers.map((container: any) => ({
    ...container,
    env: [...container.env, { name: 'FAILURE_REASON', value: reason }],
  }));
  return { ...job, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } } };
}

/**
 * Whether a setup Job may have created anything: not if it is there and none of its containers ever ran. What kept those from starting (an
 * image, a quota, a service account) would keep the delete Job from it as well.
 */
async function mayHaveRun({ metadata, status }: KubeObject, cluster: Pick<Cluster, 'list'>, signal: AbortSignal): Promise<boolean> {
  const { succeeded = 0, failed = 0 } = status ?? {};
  if (succeeded + failed > 0) return true;
  const { name, namespace } = metadata;
  const { items } = await cluster.list(
    { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: `batch.kubernetes.io/job-name=${name}` },
    signal,
  );
  return items.some(hasStarted);
}

function hasStarted({ status }: KubeObject): boolean {
  const containers: any[] = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.some(
    ({ state, lastState }) => state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined,
  );
}

/** Deletes an object if it is there and this trial's; somebody else's of the same name stays. */
async function removeOwn(manifest: JsonObject, cluster: Pick<Cluster, 'read' | 'remove'>, signal: AbortSignal): Promise<void> {
  const existing = await findOwn(manifest, cluster, signal);
  if (existing !== undefined) await remove(existing, cluster, signal);
}

async function findOwn(manifest: JsonObject, cluster: Pick<Cluster, 'read'>, signal: AbortSignal): Promise<KubeObject | undefined> {
  const existing = await cluster.read(refOf(manifest as KubeObject), signal);
  return existing !== undefined && isOurs(existing, manifest as KubeObject) ? existing : undefined;
}

/** By uid, so that another object of the same name is not touched. */
async function remove(object: KubeObject, cluster: Pick<Cluster, 'remove'>, signal: AbortSignal): Promise<void> {
  const { uid } = object.metadata;
  await cluster.remove(refOf(object), { propagation: 'Background', ...(uid !== undefined && { uid }) }, signal);
}

function withUid(manifest: JsonObject, uid: string): KubeObject {
  const object = manifest as KubeObject;
  return { ...object, metadata: { ...object.metadata, uid } };
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

/**
 * Waits until no pod of the trial runs: the slot's next trial must not share the nodes with this one's load. Ended pods are left to the
 * garbage collector, which follows their Job.
 */
async function podsGone(
  rendered: RenderedTrial,
  { cluster, clock, waiting }: TeardownDeps & { waiting: (message: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const query = {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: rendered.trial.slot,
    labelSelector: `${LABELS.trialUid}=${rendered.trial.uid}`,
  };
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    const running = (await cluster.list(query, signal)).items.filter(
      ({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
    );
    if (running.length === 0) return;
    waiting(`pod ${running.map(({ metadata }) => metadata.name).join(', ')} is still terminating`);
    await clock.sleep(pause, signal);
  }
}
