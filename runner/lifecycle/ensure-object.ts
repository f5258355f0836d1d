import { isAlreadyExists } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { JsonObject } from '../model/experiment.ts';
import { LABELS } from '../model/names.ts';
import type { Stage } from '../model/stage.ts';

/**
 * Creates an object of a trial, or takes the one that this trial created before a restart: known by the trial's uid, never by its name
 * alone. Throws StageFailure `SlotDirty` when the name belongs to somebody else.
 */
export async function ensureObject(
  manifest: JsonObject,
  stage: Stage,
  cluster: Pick<Cluster, 'create' | 'read'>,
  signal: AbortSignal,
): Promise<KubeObject> {
  const wanted = manifest as KubeObject;
  try {
    return await cluster.create(wanted, signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { name, namespace } = wanted.metadata;
    const existing = await cluster.read({ apiVersion: wanted.apiVersion, kind: wanted.kind, name, namespace }, signal);
    // Gone between the two calls: the second create settles it.
    if (existing === undefined) return cluster.create(wanted, signal);
    if (isOurs(existing, wanted)) return existing;
    throw new StageFailure(
      stage,
      'SlotDirty',
      `${wanted.kind} ${namespace}/${name} exists and is not this trial's; delete it or rename the experiment`,
      { cause: error },
    );
  }
}

export function isOurs(existing: KubeObject, wanted: { metadata: { labels?: Record<string, string> } }): boolean {
  const uid = wanted.metadata.labels?.[LABELS.trialUid];
  return uid !== undefined && existing.metadata.labels?.[LABELS.trialUid] === uid && existing.metadata.deletionTimestamp === undefined;
}
