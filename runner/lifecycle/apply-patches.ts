import { ClusterError, isTransient } from '../cluster/errors.ts';
import type { Cluster, KubeObject, ObjectRef } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { TargetRef } from '../model/experiment.ts';
import type { RenderedPatch } from '../model/trial.ts';
import { changedFields, fingerprint, formatFieldPath, pathOfPointer, valueAt } from './changed-fields.ts';
import type { AppliedPatch } from './trial-progress.ts';

/**
 * Sends the patches in order. One without a body is not sent; one that changes nothing is fine. Throws StageFailure `PatchFailed`
 * with the API server's own words when one is refused or its target is missing.
 */
export async function applyPatches(
  patches: readonly RenderedPatch[],
  slot: string,
  cluster: Pick<Cluster, 'read' | 'patch'>,
  signal: AbortSignal,
  waiting: (message: string) => void,
): Promise<AppliedPatch[]> {
  const applied: AppliedPatch[] = [];
  for (const patch of patches) {
    waiting(`patching ${describeTarget(patch.target)}`);
    applied.push(await applyPatch(patch, slot, cluster, signal));
  }
  return applied;
}

export function describeTarget({ kind, name }: TargetRef): string {
  return `${kind} ${name}`;
}

async function applyPatch(
  patch: RenderedPatch,
  slot: string,
  cluster: Pick<Cluster, 'read' | 'patch'>,
  signal: AbortSignal,
): Promise<AppliedPatch> {
  const { index, target, type } = patch;
  const common = { index, target: describeTarget(target), type };
  if (patch.body === undefined) return { ...common, effect: 'empty' };
  const ref: ObjectRef = { ...target, namespace: slot };
  try {
    const before = await cluster.read(ref, signal);
    if (before === undefined)
      throw new StageFailure('patch', 'PatchFailed', `patches[${index}]: ${describeTarget(target)} does not exist in namespace ${slot}`);
    const after = await cluster.patch(ref, type, patch.body, {}, signal);
    // The server writes nothing for a patch that changes nothing, so the resourceVersion stays.
    const effect = after.metadata.resourceVersion === before.metadata.resourceVersion ? 'unchanged' : 'changed';
    const { generation, resourceVersion } = after.metadata;
    return {
      ...common,
      effect,
      ...(generation !== undefined && { generation }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(type === 'json' && target.kind !== 'Secret' && { fields: fieldsSet(patch.body, before, after) }),
    };
  } catch (error) {
    if (!(error instanceof ClusterError) || isTransient(error)) throw error;
    throw new StageFailure('patch', 'PatchFailed', `patches[${index}]: ${describeTarget(target)}: ${error.message}`, {
      evidence: { refused: error.message },
      cause: error,
    });
  }
}

type Operation = { op: string; path: string };

/** What a JSON patch changed, and what it set to what it was already; an item that is added to a list changes it in any case. */
function fieldsSet(operations: unknown, before: KubeObject, after: KubeObject): NonNullable<AppliedPatch['fields']> {
  const setting = (operations as Operation[]).filter(({ op, path }) => (op === 'add' || op === 'replace') && !path.endsWith('/-'));
  const paths = [...changedFields(before, after).map(({ path }) => path), ...setting.map(({ path }) => pathOfPointer(after, path))];
  const unique = new Map(paths.map((path) => [formatFieldPath(path), path]));
  return [...unique.values()].map((path) => ({ path, after: fingerprint(valueAt(after, path)) }));
}
