import { apiVersionOf, parseApiVersion } from './api-version.ts';
import { customKinds } from './custom-kinds.ts';
import { createHistory } from './history.ts';
import { admit } from './registry/admit.ts';
import { rulesOf } from './registry/kind-rules.ts';
import { prepareCreate } from './registry/prepare-create.ts';
import { isReleased, prepareRemove } from './registry/prepare-remove.ts';
import { prepareUpdate, type UpdateOptions } from './registry/prepare-update.ts';
import { SERVED_KINDS } from './served-kinds.ts';
import { alreadyExists, noSuchResource, notFound } from './status-errors.ts';
import type { NewObject, ServedKind, Store, StoreClock, StoredObject, StoreEvent } from './store.ts';

export type StoreOptions = {
  /** Default: the machine's time. */
  clock?: StoreClock;
  /** Kinds beside the built-in ones, as if their CustomResourceDefinitions were there. */
  kinds?: readonly ServedKind[];
  /** How many changes are remembered for watches that resume [10 000]. */
  history?: number;
};

/** What `sandbox/store.ts` promises, and what tests of watches need. */
export type SandboxStore = Store & {
  /** Forgets all changes so far: whoever resumes from before gets 410. */
  forgetHistory(): void;
};

/** An empty cluster: nothing but the namespaces that every cluster has. */
export function createStore({ clock = machineClock, kinds: extra = [], history: length = 10_000 }: StoreOptions = {}): SandboxStore {
  const collections = new Map<string, Map<string, StoredObject>>();
  const history = createHistory(length);
  let kinds: readonly ServedKind[] = [...SERVED_KINDS, ...extra];
  let revision = 1;

  function stored(kind: ServedKind, namespace: string | undefined, name: string): StoredObject | undefined {
    return collections.get(collectionOf(kind))?.get(keyOf(kind, namespace, name));
  }

  function existing(kind: ServedKind, namespace: string | undefined, name: string): StoredObject {
    const object = stored(kind, namespace, name);
    if (object === undefined) throw notFound(kind, name);
    return object;
  }

  function list(kind: ServedKind, namespace?: string): StoredObject[] {
    const objects = [...(collections.get(collectionOf(kind)) ?? [])];
    const wanted = namespace === undefined ? objects : objects.filter(([, { metadata }]) => metadata.namespace === namespace);
    return wanted.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => inVersion(kind, object));
  }

  function commit(type: StoreEvent['type'], kind: ServedKind, object: StoredObject, previous?: StoredObject): StoredObject {
    revision += 1;
    const committed = frozen({ ...object, metadata: withRevision(object.metadata, String(revision)) });
    const { namespace, name } = committed.metadata;
    const collection = collections.get(collectionOf(kind)) ?? new Map<string, StoredObject>();
    collections.set(collectionOf(kind), collection);
    if (type === 'DELETED') collection.delete(keyOf(kind, namespace, name));
    else collection.set(keyOf(kind, namespace, name), committed);
    if (isDefinition(kind)) serveCustomKinds(previous, type === 'DELETED' ? undefined : committed);
    history.append({ type, kind, object: committed, ...(previous === undefined ? {} : { previous }) });
    return committed;
  }

  /** Kinds come and go with their definitions, and the objects go with the kinds. */
  function serveCustomKinds(before: StoredObject | undefined, after: StoredObject | undefined): void {
    const old = before === undefined ? [] : customKinds(before).map((each) => find(apiVersionOf(each), each.kind) ?? each);
    const now = after === undefined ? [] : customKinds(after);
    if (JSON.stringify(old) === JSON.stringify(now)) return;
    if (after === undefined) for (const kind of old) for (const object of list(kind)) commit('DELETED', kind, object, object);
    kinds = [...kinds.filter((kind) => !old.includes(kind)), ...now];
  }

  function find(apiVersion: string, name: string): ServedKind | undefined {
    const { group, version } = parseApiVersion(apiVersion);
    return kinds.find((kind) => kind.group === group && kind.version === version && kind.kind === name);
  }

  function replace(kind: ServedKind, current: StoredObject, given: NewObject, options: UpdateOptions): StoredObject {
    const next = prepareUpdate(kind, current, given, clock.now(), options);
    if (next === current || options.dryRun === true) return next;
    return commit(isReleased(kind, next) ? 'DELETED' : 'MODIFIED', kind, next, current);
  }

  const store: SandboxStore = {
    clock,
    kinds: () => kinds,
    kind(apiVersion, name) {
      const kind = find(apiVersion, name);
      if (kind === undefined) throw noSuchResource();
      return kind;
    },
    revision: () => String(revision),
    get(kind, namespace, name) {
      const object = stored(kind, namespace, name);
      return object && inVersion(kind, object);
    },
    list,
    create(kind, namespace, given, options = {}) {
      const object = prepareCreate(kind, namespace, given, () => list(kind), clock.now(), options);
      if (stored(kind, namespace, object.metadata.name) !== undefined) throw alreadyExists(kind, object.metadata.name);
      admit(store, kind, object);
      return options.dryRun === true ? frozen(object) : commit('ADDED', kind, object);
    },
    update(kind, namespace, name, given, { status = false, finalize = false, ...options } = {}) {
      if (stored(kind, namespace, name) === undefined && rulesOf(kind).createOnUpdate && !status) {
        return store.create(kind, namespace, given, options);
      }
      const part = status ? 'status' : finalize ? 'finalize' : 'main';
      return replace(kind, existing(kind, namespace, name), given, { ...options, part });
    },
    mutate(kind, namespace, name, change, { status = false } = {}) {
      const current = stored(kind, namespace, name);
      if (current === undefined) return undefined;
      const changed = change(structuredClone(inVersion(kind, current)));
      if (changed === undefined) return current;
      // What the change says about the version was read in the same step.
      const { resourceVersion: _own, ...metadata } = changed.metadata;
      return replace(kind, current, { ...changed, metadata }, { part: status ? 'status' : 'controlled' });
    },
    remove(kind, namespace, name, { dryRun = false, ...options } = {}) {
      const current = existing(kind, namespace, name);
      const { isGone, object } = prepareRemove(kind, current, clock.now(), options);
      if (dryRun || (object === current && !isGone)) return object;
      return commit(isGone ? 'DELETED' : 'MODIFIED', kind, object, current);
    },
    subscribe: history.subscribe,
    since: history.since,
    forgetHistory: history.forget,
  };

  const namespaces = store.kind('v1', 'Namespace');
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    store.create(namespaces, undefined, { metadata: { name } });
  // Nobody has seen a version from before, as with an API server that began to serve later than its cluster.
  history.forget();
  return store;
}

const machineClock: StoreClock = {
  now: () => new Date(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** All versions of a kind are one collection. */
function collectionOf({ group, plural }: ServedKind): string {
  return `${plural}.${group}`;
}

/** Orders as etcd's keys do. */
function keyOf({ namespaced }: ServedKind, namespace: string | undefined, name: string): string {
  return namespaced ? `${namespace}/${name}` : name;
}

/** Versions of a custom resource differ in nothing but their name (conversion strategy None). */
function inVersion(kind: ServedKind, object: StoredObject): StoredObject {
  const apiVersion = apiVersionOf(kind);
  return object.apiVersion === apiVersion ? object : frozen({ ...object, apiVersion });
}

function isDefinition({ group, kind }: ServedKind): boolean {
  return group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition';
}

/** In the place that encoding/json gives it. */
function withRevision(metadata: StoredObject['metadata'], resourceVersion: string): StoredObject['metadata'] {
  const { name, generateName, namespace, uid, resourceVersion: _previous, ...rest } = metadata;
  const identity = { name, ...(generateName !== undefined && { generateName }), ...(namespace !== undefined && { namespace }), uid };
  return { ...identity, resourceVersion, ...rest };
}

function frozen<Value>(value: Value): Value {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
