import type { CheckedExperiment } from './check-definitions.ts';
import { ClusterError, isAlreadyExists, isDryRunUnsupported, isNoKindMatch } from './cluster/errors.ts';
import type { Cluster, KubeObject } from './cluster/port.ts';
import { renderTrial } from './lifecycle/render-trial.ts';
import type { JsonObject } from './model/experiment.ts';
import { trialName } from './model/names.ts';
import type { RenderedPatch, RenderedTrial } from './model/trial.ts';

export type TriedTrial = {
  /** What the API server said, one sentence for each object that it would refuse. */
  refused: string[];
  /** Objects that could not be tried, and why. */
  untried: string[];
};

type Tried = { refused?: string; untried?: string };

/**
 * Sends the objects of an experiment's first trial to a slot as server-side dry runs: what admission, validation and quotas would refuse is
 * known before the slot is taken. A patch whose target is not there yet is not tried, since a setup task may create it, and
 * the kind with it. Nothing is changed.
 */
export async function tryFirstTrial(
  { experiment, sample, source }: CheckedExperiment,
  slot: string,
  cluster: Pick<Cluster, 'create' | 'read' | 'patch'>,
  signal: AbortSignal,
): Promise<TriedTrial> {
  // No trial has this number, so nothing of the name is there already.
  const rendered = await renderTrial({ ...sample.trial, slot, number: 0, name: trialName(experiment.name, 0) }, source);
  const tried = await Promise.all([
    ...manifestsOf(rendered).map((manifest) => tryToCreate(manifest as KubeObject, cluster, signal)),
    ...rendered.patches.map((patch) => tryToPatch(patch, { slot, isSetUp: rendered.setup !== undefined }, cluster, signal)),
  ]);
  return {
    refused: tried.flatMap(({ refused }) => refused ?? []),
    untried: tried.flatMap(({ untried }) => untried ?? []),
  };
}

function manifestsOf({ setup, files, job }: RenderedTrial): JsonObject[] {
  return [...(setup?.configMaps ?? []), setup?.create, setup?.delete, files, job].filter((manifest) => manifest !== undefined);
}

async function tryToCreate(manifest: KubeObject, cluster: Pick<Cluster, 'create'>, signal: AbortSignal): Promise<Tried> {
  const what = `${manifest.kind} ${manifest.metadata.name}`;
  return tried(what, () => cluster.create(manifest, signal, { dryRun: true }), signal);
}

async function tryToPatch(
  { index, target, type, body }: RenderedPatch,
  { slot, isSetUp }: { slot: string; isSetUp: boolean },
  cluster: Pick<Cluster, 'read' | 'patch'>,
  signal: AbortSignal,
): Promise<Tried> {
  if (body === undefined) return {};
  const what = `patches[${index}] of ${target.kind} ${target.name}`;
  const ref = { ...target, namespace: slot };
  return tried(
    what,
    async () => {
      if ((await cluster.read(ref, signal)) === undefined) return `${what}: it does not exist yet`;
      await cluster.patch(ref, type, body, { dryRun: true }, signal);
      return undefined;
    },
    signal,
    { isSetUp },
  );
}

/** `attempt` may say itself why it could not try. */
async function tried(
  what: string,
  attempt: () => Promise<unknown>,
  signal: AbortSignal,
  { isSetUp }: { isSetUp: boolean } = { isSetUp: false },
): Promise<Tried> {
  try {
    const untried = await attempt();
    return typeof untried === 'string' ? { untried } : {};
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ClusterError)) throw error;
    if (isAlreadyExists(error)) return { untried: `${what}: one of that name is there` };
    if (isDryRunUnsupported(error)) return { untried: `${what}: an admission webhook cannot be asked without effect` };
    if (isSetUp && isNoKindMatch(error)) return { untried: `${what}: ${error.message}` };
    return { refused: `${what}: ${error.message}` };
  }
}
