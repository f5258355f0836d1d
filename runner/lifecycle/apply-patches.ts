import { isDeepStrictEqual } from 'node:util';
import { ClusterError, isTransient } from '../cluster/errors.ts';
import type { Cluster, KubeObject, ObjectRef } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { TargetRef } from '../model/experiment.ts';
import type { RenderedPatch } from '../model/trial.ts';
import { changedFields, fingerprint, formatFieldPath, pathOfPointer, valueAt } from './changed-fields.ts';
import { isSamePoint, pointBefore, withPoint, type RestorePoint } from './restore-point.ts';
import type { AppliedPatch } from './trial-progress.ts';

/** Where what patches change is remembered before it is changed: the slot's journal. */
export type RestoreLog = {
  points(): readonly RestorePoint[];
  /** Written before it returns. */
  remember(points: readonly RestorePoint[]): Promise<void>;
};

export type PatchDeps = {
  cluster: Pick<Cluster, 'read' | 'patch'>;
  waiting: (message: string) => void;
  /** Given where what patches change is put back later, and when. */
  restoring?: { until: RestorePoint['until']; log: RestoreLog } | undefined;
  /** An earlier life of the runner began this, so that any of the patches may have been sent. Default: false. */
  resumed?: boolean;
};

/** What may be kept in the journal besides a trial and the records that are owed. */
const MAX_REMEMBERED = 64 * 1024;

/** How often an object is read again because somebody wrote to it between our looks. */
const LOOKS = 5;

/**
 * Sends the patches in order. One without a body is not sent; one that changes nothing is fine. What is to be put back later is
 * remembered before it is changed; a dry run tells what that will be. Throws StageFailure `PatchFailed` with the API server's own words
 * when one is refused or its target is missing, and `Interrupted` before anything is sent when JSON patches are to be resumed.
 */
export async function applyPatches(
  patches: readonly RenderedPatch[],
  slot: string,
  deps: PatchDeps,
  signal: AbortSignal,
): Promise<AppliedPatch[]> {
  if (deps.resumed === true) requireRepeatable(patches);
  const applied: AppliedPatch[] = [];
  for (const patch of patches) {
    deps.waiting(`patching ${describeTarget(patch.target)}`);
    applied.push(await applyPatch(patch, slot, deps, signal));
  }
  return applied;
}

export function describeTarget({ kind, name }: TargetRef): string {
  return `${kind} ${name}`;
}

/** A JSON patch (RFC 6902) may add to a list or remove: sent twice, it makes other settings than the trial's, or is refused. */
function requireRepeatable(patches: readonly RenderedPatch[]): void {
  const json = patches.find(({ type, body }) => type === 'json' && body !== undefined);
  if (json === undefined) return;
  const message = `patches[${json.index}]: the runner ended while patches were sent, and a JSON patch of ${describeTarget(json.target)} cannot be sent twice`;
  throw new StageFailure('patch', 'Interrupted', message, { infrastructure: true });
}

async function applyPatch(
  patch: RenderedPatch,
  slot: string,
  { cluster, restoring }: PatchDeps,
  signal: AbortSignal,
): Promise<AppliedPatch> {
  const { index, target, type } = patch;
  const common = { index, target: describeTarget(target), type };
  if (patch.body === undefined) return { ...common, effect: 'empty' };
  const ref: ObjectRef = { ...target, namespace: slot };
  const asked = async <Answer>(answer: Promise<Answer>) => answer.catch((error: unknown) => refused(patch, error));

  const look = () => asked(lookAt(patch, ref, cluster, signal));
  const before = restoring === undefined ? await look() : await rememberFirst(patch, ref, look, { cluster, restoring, asked }, signal);
  const after = await asked(cluster.patch(ref, type, patch.body, {}, signal));
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
}

async function lookAt(
  { index, target }: RenderedPatch,
  ref: ObjectRef,
  cluster: Pick<Cluster, 'read'>,
  signal: AbortSignal,
): Promise<KubeObject> {
  const object = await cluster.read(ref, signal);
  if (object !== undefined) return object;
  throw new StageFailure(
    'patch',
    'PatchFailed',
    `patches[${index}]: ${describeTarget(target)} does not exist in namespace ${ref.namespace}`,
  );
}

/** The object as it is before the patch; what the patch is going to change of it is in the journal by then. */
async function rememberFirst(
  { index, type, target, body }: RenderedPatch,
  ref: ObjectRef,
  look: () => Promise<KubeObject>,
  {
    cluster,
    restoring: { until, log },
    asked,
  }: {
    cluster: Pick<Cluster, 'patch'>;
    restoring: NonNullable<PatchDeps['restoring']>;
    asked: <Answer>(answer: Promise<Answer>) => Promise<Answer>;
  },
  signal: AbortSignal,
): Promise<KubeObject> {
  for (let tries = 1; ; tries += 1) {
    const before = await look();
    const after = await asked(cluster.patch(ref, type, body, { dryRun: true }, signal));
    if (after.metadata.resourceVersion !== before.metadata.resourceVersion && tries < LOOKS) continue;
    const known = log.points().find((point) => isSamePoint(point, { until, target }));
    const points = withPoint(log.points(), pointBefore({ before, after }, { until, target, ...(known && { fields: known.fields }) }));
    const size = JSON.stringify(points).length;
    if (size > MAX_REMEMBERED) {
      const message = `patches[${index}]: what is to be put back has ${size} characters, of which the journal holds ${MAX_REMEMBERED}; patch less of ${describeTarget(target)}, or do without restore`;
      throw new StageFailure('patch', 'PatchFailed', message);
    }
    if (!isDeepStrictEqual(points, log.points())) await log.remember(points);
    return before;
  }
}

function refused({ index, target }: RenderedPatch, error: unknown): never {
  if (!(error instanceof ClusterError) || isTransient(error)) throw error;
  throw new StageFailure('patch', 'PatchFailed', `patches[${index}]: ${describeTarget(target)}: ${error.message}`, {
    evidence: { refused: error.message },
    cause: error,
  });
}

type Operation = { op: string; path: string };

/** What a JSON patch changed, and what it set to what it was already; an item that is added to a list changes it in any case. */
function fieldsSet(operations: unknown, before: KubeObject, after: KubeObject): NonNullable<AppliedPatch['fields']> {
  const setting = (operations as Operation[]).filter(({ op, path }) => (op === 'add' || op === 'replace') && !path.endsWith('/-'));
  const paths = [...changedFields(before, after).map(({ path }) => path), ...setting.map(({ path }) => pathOfPointer(after, path))];
  const unique = new Map(paths.map((path) => [formatFieldPath(path), path]));
  return [...unique.values()].map((path) => ({ path, after: fingerprint(valueAt(after, path)) }));
}
