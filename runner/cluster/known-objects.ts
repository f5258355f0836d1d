import type { KubeObject, ObjectQuery, WatchEvent } from './port.ts';

/** What is known of a query's objects, and the version up to which it is known. Never changed in place. */
export type KnownObjects = { objects: ReadonlyMap<string, KubeObject>; resourceVersion: string | undefined };

export const NOTHING_KNOWN: KnownObjects = { objects: new Map(), resourceVersion: undefined };

/** The objects after the events; the same map when nothing changed. */
export function withEvents(known: KnownObjects, events: readonly WatchEvent[], query: ObjectQuery): KnownObjects {
  let { resourceVersion } = known;
  const objects = new Map(known.objects);
  let changed = false;
  for (const event of events) {
    if (event.type === 'BOOKMARK') {
      resourceVersion = event.resourceVersion;
      continue;
    }
    const { object } = event;
    const version = object.metadata.resourceVersion;
    resourceVersion = latest(resourceVersion, version);
    const key = keyOf(object, query);
    const held = objects.get(key);
    // A watch that begins without a version announces objects in any order, and one resumed among them repeats older changes.
    if (held !== undefined && !isNewer(version, held.metadata.resourceVersion)) continue;

    if (event.type === 'DELETED') changed = objects.delete(key) || changed;
    else {
      objects.set(key, object);
      changed = true;
    }
  }
  return { objects: changed ? objects : known.objects, resourceVersion };
}

/** The objects of a list; the known map when they are the same, so that a poll without news is none. */
export function fromList(list: { items: KubeObject[]; resourceVersion: string }, known: KnownObjects, query: ObjectQuery): KnownObjects {
  const objects = new Map(list.items.map((object) => [keyOf(object, query), object]));
  return { objects: isSame(objects, known.objects) ? known.objects : objects, resourceVersion: list.resourceVersion };
}

function keyOf({ metadata: { name, namespace } }: KubeObject, query: ObjectQuery): string {
  return query.namespace === undefined && namespace !== undefined ? `${namespace}/${name}` : name;
}

function isSame(some: ReadonlyMap<string, KubeObject>, others: ReadonlyMap<string, KubeObject>): boolean {
  return (
    some.size === others.size &&
    [...some].every(([key, object]) => others.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion)
  );
}

function latest(known: string | undefined, version: string | undefined): string | undefined {
  return isNewer(version, known) ? version : known;
}

/**
 * Resource versions are whole numbers that grow (KEP-5504, and in fact since etcd 3). Those of another server are taken in the order
 * in which they come.
 */
function isNewer(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined) return false;
  if (than === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(than)) return version !== than;
  return BigInt(version) > BigInt(than);
}
