/** A Kubernetes object as JSON: nothing added, nothing dropped. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: any;
  status?: any;
  [field: string]: any;
};

export type ObjectMeta = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  [field: string]: any;
};

export type ObjectRef = { apiVersion: string; kind: string; name: string; namespace?: string };

export type ObjectQuery = {
  apiVersion: string;
  kind: string;
  /** Absent: all namespaces, or a cluster-wide kind. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
};

export type PatchKind = 'strategic' | 'merge' | 'json';

export type WatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject } | { type: 'BOOKMARK'; resourceVersion: string };

export type LogOptions = { container?: string; tailLines?: number; limitBytes?: number };

/**
 * The part of the Kubernetes API that the product uses. Every call takes the caller's signal; transient failures (connection refused
 * or reset, 429, 502, 503, 504) are retried inside within a budget, everything else is a ClusterError. Absence is a value.
 */
export type Cluster = {
  /** undefined when it is not there. */
  read(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  list(query: ObjectQuery, signal: AbortSignal): Promise<{ items: KubeObject[]; resourceVersion: string }>;
  /** POST; also reviews, which have no name. A dry run passes admission, validation and quotas, and stores nothing. */
  create(
    object: { apiVersion: string; kind: string; metadata?: Partial<ObjectMeta>; [field: string]: any },
    signal: AbortSignal,
    options?: { dryRun?: boolean },
  ): Promise<KubeObject>;
  /** PUT at the object's own resourceVersion: 409 Conflict when somebody was faster. */
  replace(object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  /** Server-side apply with our field manager, forced. */
  apply(object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  patch(ref: ObjectRef, kind: PatchKind, body: unknown, options: { dryRun?: boolean }, signal: AbortSignal): Promise<KubeObject>;
  /** false when it was not there (or has another uid than the one given). */
  remove(
    ref: ObjectRef,
    options: { uid?: string; propagation?: 'Background' | 'Foreground' | 'Orphan' },
    signal: AbortSignal,
  ): Promise<boolean>;
  /**
   * Without `resourceVersion` it begins with an ADDED event for every object there is, then follows; ends when the server ends it.
   */
  watch(query: ObjectQuery & { resourceVersion?: string }, signal: AbortSignal): AsyncIterable<WatchEvent>;
  log(pod: { namespace: string; name: string }, options: LogOptions, signal: AbortSignal): Promise<string>;
  /** The server's `gitVersion`, such as `v1.36.3`. */
  version(signal: AbortSignal): Promise<string>;
  /** The server's clock when it answered, cut to whole seconds (RFC 9110, 6.6.1); undefined where something between took it away. */
  time(signal: AbortSignal): Promise<Date | undefined>;
};
