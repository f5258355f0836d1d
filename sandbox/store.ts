/** A Kubernetes object as JSON. */
export type StoredObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    generation?: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
    finalizers?: string[];
    [field: string]: any;
  };
  spec?: any;
  status?: any;
  [field: string]: any;
};

/** A kind that the server serves. */
export type ServedKind = {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** Has a status subresource: status is written there and nowhere else, and spec changes raise the generation. */
  status: boolean;
  shortNames: readonly string[];
};

export type StoreEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; kind: ServedKind; object: StoredObject; previous?: StoredObject };

export type NewObject = { apiVersion?: string; kind?: string; metadata?: Record<string, any>; [field: string]: any };

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export type WriteOptions = {
  dryRun?: boolean;
  /** Under whose name the changed fields are listed in managedFields [kube-controller-manager]; `given`: as the object has them. */
  manager?: string | 'given';
  /** Called with the paths of fields that the kind does not have, which are dropped; may throw to refuse them. */
  onUnknownFields?: (paths: readonly string[]) => void;
};

/**
 * The objects of one cluster in memory, with the rules of Kubernetes' registry: resource versions, generations, conflicts, finalizers,
 * ownership. The HTTP server and the controllers both work on it; objects handed out must not be changed in place.
 * What is refused throws a StatusError with the code and reason of a real API server.
 */
export type Store = {
  clock: StoreClock;
  kinds(): readonly ServedKind[];
  /** Throws StatusError 404 when the kind is not served. */
  kind(apiVersion: string, kind: string): ServedKind;
  /** The revision of the newest change. */
  revision(): string;
  get(kind: ServedKind, namespace: string | undefined, name: string): StoredObject | undefined;
  /** By namespace and name; of all namespaces without one. */
  list(kind: ServedKind, namespace?: string): StoredObject[];
  create(kind: ServedKind, namespace: string | undefined, object: NewObject, options?: WriteOptions): StoredObject;
  /** PUT: a resourceVersion that is given must be the current one. */
  update(
    kind: ServedKind,
    namespace: string | undefined,
    name: string,
    object: NewObject,
    options?: WriteOptions & { status?: boolean; finalize?: boolean },
  ): StoredObject;
  /**
   * Reads, changes and writes in one step, for controllers: `change` gets a copy and returns it changed, or undefined to leave it.
   * undefined when the object is not there. With `status` only the status is taken over, else everything but the status. A Namespace
   * is finalized by `change` taking its spec.finalizers away.
   */
  mutate(
    kind: ServedKind,
    namespace: string | undefined,
    name: string,
    change: (object: StoredObject) => StoredObject | undefined,
    options?: { status?: boolean },
  ): StoredObject | undefined;
  /**
   * DELETE. An object with finalizers stays, with its deletionTimestamp, until a write leaves it without any; a Namespace until its
   * spec.finalizers are gone as well. A pod that is bound to a node and not finished stays for its grace period too, until it is
   * removed again with `gracePeriodSeconds: 0`, which is the kubelet's part. `propagation` takes effect by finalizers, which the
   * garbage collector removes; without it the kind's own default holds (Job: Orphan, all others: Background).
   */
  remove(
    kind: ServedKind,
    namespace: string | undefined,
    name: string,
    options?: { uid?: string; resourceVersion?: string; propagation?: Propagation; gracePeriodSeconds?: number; dryRun?: boolean },
  ): StoredObject;
  /** Called after each change, in order; gives the function that ends it. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** Changes after this revision, oldest first; undefined when they are no longer remembered (410). */
  since(revision: string): StoreEvent[] | undefined;
};

/** Time and timers of the cluster, so that tests turn them. */
export type StoreClock = {
  now(): Date;
  /** Calls back once after so many milliseconds; gives the function that cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
};

/** What the API server answers instead of success. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  readonly reason: string;
  readonly details: unknown;

  constructor(code: number, reason: string, message: string, details?: unknown) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}
