import { ClusterError, isTransient } from '../cluster/errors.ts';
import type { Cluster, KubeObject, ObjectRef } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { RenderedPatch, RenderedTrial } from '../model/trial.ts';
import type { Emit } from '../progress/events.ts';
import { describeTarget } from './apply-patches.ts';
import { changedFields, fingerprint, formatFieldPath, valueAt, type ChangedField } from './changed-fields.ts';
import { changersOf, isOwnedByUs } from './field-managers.ts';
import type { AppliedPatch } from './trial-progress.ts';

export type DriftDeps = { cluster: Pick<Cluster, 'read' | 'patch'>; emit: Emit };

/** How often an object is read again because somebody wrote to it between our two looks. */
const LOOKS = 3;
const MAX_FIELDS = 5;
const MAX_VALUE = 60;

/**
 * The patched objects as they are, once it is proved that the settings which were patched are still in force; else throws StageFailure
 * `PatchReverted` that names the fields with another value and the field managers who gave it to them. One read per object is enough
 * while nobody has written to it; else its patches are sent again as server-side dry runs, to see what they would change. JSON patches
 * are not sent again, since adding twice is not the same as once: the fields that they set are compared.
 */
export async function checkDrift(
  { patches, trial }: RenderedTrial,
  applied: readonly AppliedPatch[],
  deps: DriftDeps,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const sent = patches.filter(({ body }) => body !== undefined);
  const targets = Map.groupBy(sent, ({ target }) => JSON.stringify([target.apiVersion, target.kind, target.name]));
  const reverted = await Promise.all(
    [...targets.values()].map(async (own) => {
      const results = own.flatMap(({ index }) => applied.find((each) => each.index === index) ?? []);
      return driftOf(own, results, trial.slot, deps, signal);
    }),
  );
  const found = reverted.flatMap(({ lost }) => lost);
  if (found.length === 0) return reverted.flatMap(({ current }) => current ?? []);
  const message = [...found.slice(0, MAX_FIELDS), ...(found.length > MAX_FIELDS ? [`and ${found.length - MAX_FIELDS} more`] : [])].join(
    '; ',
  );
  throw new StageFailure('collect', 'PatchReverted', message);
}

/** The object as it is, and a sentence for each of its fields that lost the value its patches gave it. */
async function driftOf(
  patches: readonly RenderedPatch[],
  applied: readonly AppliedPatch[],
  slot: string,
  { cluster, emit }: DriftDeps,
  signal: AbortSignal,
): Promise<{ current?: KubeObject; lost: string[] }> {
  const { target } = patches[0]!;
  const ref: ObjectRef = { ...target, namespace: slot };
  for (let look = 1; ; look += 1) {
    const current = await cluster.read(ref, signal);
    if (current === undefined) return { lost: [`${describeTarget(target)} does not exist any more`] };
    if (isUntouched(current, patches, applied)) return { current, lost: [] };
    const compared = await Promise.all(
      patches.map((patch) => lostFields(patch, applied, current, { cluster, emit, slot, isLast: look === LOOKS }, signal)),
    );
    if (compared.includes('Moved')) continue;
    const lost = (compared as ChangedField[][]).flat().filter(({ path }) => !isOwnedByUs(current, path));
    const byPath = new Map(lost.map((field) => [formatFieldPath(field.path), field]));
    return { current, lost: [...byPath.values()].map((field) => describe(field, current)) };
  }
}

/** The generation counts changes of the spec, the resourceVersion every write. */
function isUntouched({ metadata }: KubeObject, patches: readonly RenderedPatch[], applied: readonly AppliedPatch[]): boolean {
  const last = applied.at(-1);
  if (last?.resourceVersion !== undefined && metadata.resourceVersion === last.resourceVersion) return true;
  return last?.generation !== undefined && metadata.generation === last.generation && patches.every(changesSpecAlone);
}

function changesSpecAlone({ type, body }: RenderedPatch): boolean {
  if (type === 'json') return (body as { path: string }[]).every(({ path }) => path.startsWith('/spec/'));
  const { apiVersion: _apiVersion, kind: _kind, metadata = {}, spec: _spec, ...others } = body as Partial<KubeObject>;
  return Object.keys(others).length === 0 && Object.keys(metadata).every((key) => key === 'name' || key === 'namespace');
}

/** What a patch would change again; `Moved` when the object is another than the one that was read. */
async function lostFields(
  { index, target, type, body }: RenderedPatch,
  applied: readonly AppliedPatch[],
  current: KubeObject,
  { cluster, emit, slot, isLast }: DriftDeps & { slot: string; isLast: boolean },
  signal: AbortSignal,
): Promise<ChangedField[] | 'Moved'> {
  if (type === 'json') {
    const { fields = [] } = applied.find((each) => each.index === index) ?? {};
    return fields.flatMap(({ path, after }) => {
      const value = valueAt(current, path);
      return fingerprint(value) === after ? [] : [{ path, before: value, after: undefined }];
    });
  }
  try {
    const wanted = await cluster.patch({ ...target, namespace: slot }, type, body, { dryRun: true }, signal);
    const isSame = wanted.metadata.resourceVersion === current.metadata.resourceVersion;
    return isSame || isLast ? changedFields(current, wanted) : 'Moved';
  } catch (error) {
    if (!(error instanceof ClusterError) || isTransient(error)) throw error;
    // An admission webhook may not allow dry runs. That proves nothing against the numbers.
    const message = `patches[${index}]: nobody knows whether ${describeTarget(target)} still has what was patched: ${error.message}`;
    emit({ type: 'notice', level: 'warning', slot, message });
    return [];
  }
}

function describe({ path, before, after }: ChangedField, current: KubeObject): string {
  const [is, wanted] = [before, after].map((value) => shown(value, current.kind));
  const changers = changersOf(current, path);
  const values = before === undefined ? 'is gone' : `is ${is ?? 'another'}${wanted === undefined ? '' : `, not ${wanted} as patched`}`;
  return `${describeTarget({ ...current, name: current.metadata.name })}: ${formatFieldPath(path)} ${values}, by ${changers.join(' and ') || 'somebody unknown'}`;
}

/** What a Secret holds is never told. */
function shown(value: unknown, kind: string): string | undefined {
  const text = JSON.stringify(value);
  return kind === 'Secret' || text === undefined || text.length > MAX_VALUE ? undefined : text;
}
