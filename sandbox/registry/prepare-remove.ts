import { conflict } from '../status-errors.ts';
import type { Propagation, ServedKind, StoredObject } from '../store.ts';
import { rulesOf } from './kind-rules.ts';
import { timestamp } from '../timestamp.ts';

export type Removal = { isGone: boolean; object: StoredObject };

export type RemoveOptions = { uid?: string; resourceVersion?: string; propagation?: Propagation; gracePeriodSeconds?: number };

/**
 * What a DELETE makes of an object, short of its resourceVersion: gone, or waiting for its finalizers, its kubelet or its namespace's
 * content (`current` itself when it waits already). Throws StatusError 409 when a precondition does not hold. Rules of
 * k8s.io/apiserver/pkg/registry/rest/delete.go and generic/registry/store.go.
 */
export function prepareRemove(kind: ServedKind, current: StoredObject, now: Date, options: RemoveOptions): Removal {
  checkPreconditions(kind, current, options);
  const finalizers = finalizersFor(kind, current, options.propagation);
  const grace = gracePeriod(kind, current, options.gracePeriodSeconds);
  const isGone = finalizers.length === 0 && grace === 0 && !holdsContent(kind, current);
  if (isGone && !isPod(kind)) return { isGone, object: current };

  const { deletionTimestamp, deletionGracePeriodSeconds: earlier = 0, generation } = current.metadata;
  const isLater = deletionTimestamp !== undefined && grace >= earlier;
  if (isLater && finalizers.length === (current.metadata.finalizers ?? []).length) return { isGone, object: current };
  const metadata = {
    ...current.metadata,
    finalizers: finalizers.length === 0 ? undefined : finalizers,
    deletionTimestamp: isLater ? deletionTimestamp : timestamp(new Date(now.getTime() + grace * 1000)),
    deletionGracePeriodSeconds: isLater ? earlier : grace,
    ...(deletionTimestamp === undefined && generation !== undefined ? { generation: generation + 1 } : {}),
  };
  const status = isNamespace(kind) ? { status: { ...current.status, phase: 'Terminating' } } : {};
  return { isGone, object: { ...current, metadata, ...status } };
}

/** Whether an object that is being deleted has nothing left to wait for. */
export function isReleased(kind: ServedKind, { metadata, spec }: StoredObject): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata['deletionGracePeriodSeconds'] ?? 0) === 0 &&
    (!isNamespace(kind) || (spec?.finalizers ?? []).length === 0)
  );
}

function checkPreconditions(kind: ServedKind, { metadata }: StoredObject, { uid, resourceVersion }: RemoveOptions): void {
  const failed = (what: string, wanted: string, actual: string, perhaps: string) => {
    const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${actual}). ${perhaps}`;
    return conflict({ group: kind.group, plural: kind.kind }, metadata.name, why);
  };
  if (uid !== undefined && uid !== metadata.uid) {
    throw failed('UID', uid, metadata.uid, 'The object might have been deleted and then recreated');
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw failed('ResourceVersion', resourceVersion, metadata.resourceVersion, 'The object might have been modified');
  }
}

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** Without a wish the finalizers that the object has decide, then the kind. */
function finalizersFor(kind: ServedKind, { metadata: { finalizers = [] } }: StoredObject, wanted: Propagation | undefined): string[] {
  const present = finalizers.includes(ORPHAN) ? 'Orphan' : finalizers.includes(FOREGROUND) ? 'Foreground' : undefined;
  const propagation = wanted ?? present ?? rulesOf(kind).propagation;
  const others = finalizers.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  if (propagation === 'Orphan') return [...others, ORPHAN];
  return propagation === 'Foreground' ? [...others, FOREGROUND] : others;
}

/** Seconds that a pod on a node gets to end: k8s.io/kubernetes/pkg/registry/core/pod/strategy.go, CheckGracefulDelete. */
function gracePeriod(kind: ServedKind, { spec, status }: StoredObject, wanted: number | undefined): number {
  if (!isPod(kind)) return 0;
  if (spec.nodeName === undefined || ['Succeeded', 'Failed'].includes(status?.phase)) return 0;
  return Math.max(0, wanted ?? spec.terminationGracePeriodSeconds ?? 0);
}

function holdsContent(kind: ServedKind, { spec }: StoredObject): boolean {
  return isNamespace(kind) && (spec?.finalizers ?? []).length > 0;
}

function isPod({ group, kind }: ServedKind): boolean {
  return group === '' && kind === 'Pod';
}

function isNamespace({ group, kind }: ServedKind): boolean {
  return group === '' && kind === 'Namespace';
}
