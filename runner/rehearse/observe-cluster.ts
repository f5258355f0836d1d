import { carryOut } from '../../sandbox/routes/carry-out.ts';
import { StatusError, type Store } from '../../sandbox/store.ts';
import type { Cluster, KubeObject, ObjectRef, PatchKind } from '../cluster/port.ts';
import { PATCH_CONTENT_TYPE } from '../cluster/rest.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import type { RehearsalClock } from './rehearsal-clock.ts';

export type Witness = {
  patched(ref: ObjectRef, before: KubeObject, after: KubeObject): void;
  /** Fields that the kind does not have: an API server drops them and says so in a header that nobody reads. */
  unknownFields(ref: ObjectRef, fields: readonly string[]): void;
};

/** The sandbox's cluster as the runner meets it: time stands still during each call, and a witness sees what is patched. */
export function observeCluster(cluster: Cluster, store: Store, clock: RehearsalClock, witness: Witness): Cluster {
  function look(ref: ObjectRef, verb: 'create' | 'patch', body: unknown, contentType = 'application/json'): void {
    const fields = unknownFields(store, ref, verb, body, contentType);
    if (fields.length > 0) witness.unknownFields(ref, fields);
  }

  return {
    read: (...args) => clock.during(() => cluster.read(...args)),
    list: (...args) => clock.during(() => cluster.list(...args)),
    replace: (...args) => clock.during(() => cluster.replace(...args)),
    remove: (...args) => clock.during(() => cluster.remove(...args)),
    log: (...args) => clock.during(() => cluster.log(...args)),
    version: (...args) => clock.during(() => cluster.version(...args)),
    // The server's is not the clock that runs here.
    time: () => Promise.resolve(undefined),
    watch: (...args) => cluster.watch(...args),
    create(object, signal, options) {
      if (object.metadata?.name !== undefined && options?.dryRun !== true) look(refOf(object as KubeObject), 'create', object);
      return clock.during(() => cluster.create(object, signal, options));
    },
    apply(object, signal) {
      look(refOf(object), 'patch', object, 'application/apply-patch+yaml');
      return clock.during(() => cluster.apply(object, signal));
    },
    async patch(ref, kind: PatchKind, body, options, signal) {
      const before = current(store, ref);
      if (before !== undefined && options.dryRun !== true) look(ref, 'patch', body, PATCH_CONTENT_TYPE[kind]);
      const after = await clock.during(() => cluster.patch(ref, kind, body, options, signal));
      if (before !== undefined && options.dryRun !== true) witness.patched(ref, before, after);
      return after;
    },
  };
}

/** What a dry run warns of; a request that is refused is told by its refusal. */
function unknownFields(store: Store, ref: ObjectRef, verb: 'create' | 'patch', body: unknown, contentType: string): readonly string[] {
  const query = new URLSearchParams({ dryRun: 'All', fieldManager: FIELD_MANAGER, force: 'true' });
  try {
    const kind = store.kind(ref.apiVersion, ref.kind);
    const name = verb === 'create' ? '' : ref.name;
    const request = { verb, kind, namespace: ref.namespace, name, subresource: undefined, query, contentType, userAgent: '', body };
    return carryOut(store, request).warnings ?? [];
  } catch (error) {
    if (error instanceof StatusError) return [];
    throw error;
  }
}

function current(store: Store, { apiVersion, kind, namespace, name }: ObjectRef): KubeObject | undefined {
  try {
    return store.get(store.kind(apiVersion, kind), namespace, name);
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}
