import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { InvalidInput, StageFailure } from '../model/errors.ts';
import { LABELS } from '../model/names.ts';
import { withoutClaims } from './claims.ts';

type Place = { namespace: string; labels: Record<string, string> };
type Deps = { cluster: Pick<Cluster, 'apply' | 'list' | 'read' | 'remove'>; clock: Clock; say: (line: string) => void };

/**
 * Applies the objects in order, each with the trial's labels; an object without a namespace goes into the slot. One that is there and
 * that no trial created is not touched and fails with `SlotDirty`: the teardown would delete it.
 */
export async function applyManifests(
  objects: readonly unknown[],
  place: Place,
  { cluster, say }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const mine = objects.map((each) => placed(each, place));
  for (const object of mine) await requireFree(object, cluster, signal);
  for (const object of mine) {
    await cluster.apply(object, signal);
    say(`applied ${describe(object)}`);
  }
}

async function requireFree(object: KubeObject, cluster: Pick<Cluster, 'read'>, signal: AbortSignal): Promise<void> {
  const existing = await cluster.read(refOf(object), signal);
  if (existing === undefined || existing.metadata.labels?.[LABELS.experiment] !== undefined) return;
  throw new StageFailure(
    'setup-create',
    'SlotDirty',
    `${describe(object)} exists and no trial created it; delete it or rename it in the manifests`,
  );
}

/**
 * Deletes what applyManifests made, in reverse, with the claims of its StatefulSets, and waits until it is gone; what is missing or another
 * trial's is passed over.
 */
export async function deleteManifests(objects: readonly unknown[], place: Place, deps: Deps, signal: AbortSignal): Promise<void> {
  const { cluster, clock, say } = deps;
  const uid = place.labels[LABELS.trialUid];
  const mine: KubeObject[] = [];
  for (const object of objects.map((each) => placed(each, place)).toReversed()) {
    const existing = await cluster.read(refOf(object), signal);
    if (existing === undefined) continue;
    if (existing.metadata.labels?.[LABELS.trialUid] === uid) mine.push({ ...existing, ...refOf(object) });
    else say(`left ${describe(object)}: it is not this trial's`);
  }
  const removeAll = async () => {
    for (const object of mine) {
      const { uid: known } = object.metadata;
      await cluster.remove(refOf(object), { propagation: 'Foreground', ...(known !== undefined && { uid: known }) }, signal);
      say(`deleting ${describe(object)}`);
    }
    for (const object of mine) await gone(object, uid, cluster, clock, signal);
  };
  await withoutClaims(
    mine.filter(({ kind }) => kind === 'StatefulSet'),
    removeAll,
    deps,
    signal,
  );
}

async function gone(
  object: KubeObject,
  uid: string | undefined,
  cluster: Pick<Cluster, 'read'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    const existing = await cluster.read(refOf(object), signal);
    if (existing === undefined || existing.metadata.labels?.[LABELS.trialUid] !== uid) return;
    await clock.sleep(pause, signal);
  }
}

function placed(given: unknown, { namespace, labels }: Place): KubeObject {
  const object = given as Partial<KubeObject>;
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string' || typeof object.metadata?.name !== 'string') {
    throw new InvalidInput([
      { file: 'manifests', path: '', message: `needs apiVersion, kind and metadata.name, got ${JSON.stringify(given).slice(0, 80)}` },
    ]);
  }
  const { metadata } = object;
  return {
    ...(object as KubeObject),
    metadata: { ...metadata, namespace: metadata.namespace ?? namespace, labels: { ...metadata.labels, ...labels } },
  };
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject) {
  return { apiVersion, kind, name, namespace };
}

function describe({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}
