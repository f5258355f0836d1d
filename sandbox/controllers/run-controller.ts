import { StatusError, type ServedKind, type Store, type StoredObject, type StoreEvent } from '../store.ts';
import { controllerOf } from './ownership.ts';
import { workQueue } from './work-queue.ts';

export type ControllerRules = {
  kind: ServedKind;
  /** A change of one of these brings the object up that controls it. */
  owned?: readonly ServedKind[];
  /** Another object of the kind that a change of anything concerns. */
  concerned?(event: StoreEvent): { namespace?: string; name: string } | undefined;
  /** Brings the world closer to what the object says; `later` asks for another look. */
  reconcile(object: StoredObject, later: (milliseconds: number) => void): void;
  /** What to clear up after an object that is no longer there. */
  forget?(namespace: string | undefined, name: string): void;
};

/**
 * Looks at every object of a kind now and after each change that concerns it. What the store refuses is tried again, after 1 s first
 * and a minute at most. Gives the function that ends it.
 */
export function runController(store: Store, { kind, owned = [], concerned, reconcile, forget }: ControllerRules): () => void {
  const failures = new Map<string, number>();

  const queue = workQueue(store.clock, (key) => {
    const { namespace, name } = parseKey(key);
    const object = store.get(kind, namespace, name);
    try {
      if (object === undefined) forget?.(namespace, name);
      else reconcile(object, (milliseconds) => queue.addAfter(key, milliseconds));
      failures.delete(key);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      queue.addAfter(key, Math.min(60_000, 1000 * 2 ** count));
    }
  });

  const unsubscribe = store.subscribe((event) => {
    const { kind: changed, object, previous } = event;
    const other = concerned?.(event);
    if (other !== undefined) queue.add(keyOf(other.namespace, other.name));
    if (isSame(changed, kind)) queue.add(keyOf(object.metadata.namespace, object.metadata.name));
    if (!owned.some((each) => isSame(each, changed))) return;
    for (const owner of [controllerOf(object), previous && controllerOf(previous)]) {
      if (owner?.kind === kind.kind) queue.add(keyOf(object.metadata.namespace, owner.name));
    }
  });
  for (const { metadata } of store.list(kind)) queue.add(keyOf(metadata.namespace, metadata.name));

  return () => {
    unsubscribe();
    queue.stop();
  };
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function parseKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash) || undefined, name: key.slice(slash + 1) };
}

function isSame(one: ServedKind, other: ServedKind): boolean {
  return one.group === other.group && one.plural === other.plural;
}
