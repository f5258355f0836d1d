import type { Cluster } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { JsonObject } from '../model/experiment.ts';
import type { Stage } from '../model/stage.ts';
import { ensureObject, isOurs } from './ensure-object.ts';

/** Writes a ConfigMap of the trial, or takes the one that it wrote before. */
export async function ensureConfigMap(
  configMap: JsonObject,
  stage: Stage,
  cluster: Pick<Cluster, 'create' | 'read'>,
  signal: AbortSignal,
): Promise<void> {
  if (!('omitted' in configMap)) {
    await ensureObject(configMap, stage, cluster, signal);
    return;
  }
  // The journal had no room for its content, so only a runner that got further than this could have written it.
  const { name, namespace } = configMap['metadata'] as { name: string; namespace: string };
  const existing = await cluster.read({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace }, signal);
  if (existing !== undefined && isOurs(existing, configMap as any)) return;
  throw new StageFailure(stage, 'Interrupted', `the runner ended before ConfigMap ${name} was written`, { infrastructure: true });
}
