import { jsonPatch } from '../../kubernetes/patches/json.ts';
import { mergePatch } from '../../kubernetes/patches/merge.ts';
import { ClusterError } from '../../runner/cluster/errors.ts';
import type { Cluster, KubeObject, LogOptions, ObjectQuery, ObjectRef, WatchEvent } from '../../runner/cluster/port.ts';

/** A cluster in memory that plays Jobs: each gets at once the pod that the test says, in its final state or any other. */
export type FakeCluster = Cluster & {
  /** `create Job shop-1/sizing-001`, in order; reads, lists and watches are left out. */
  changes: string[];
  /** In any namespace, unless one is given. */
  get(kind: string, name: string, namespace?: string): KubeObject | undefined;
  /** What somebody else writes: a new object, or the next state of one that is there. */
  put(object: KubeObject): KubeObject;
  /** What somebody else deletes. */
  delete(kind: string, name: string): void;
  /** From now on calls such as `create Job shop-1/sizing-001` or `list Pod` fail, those that begin with these words. */
  refuse(words: string, error: Error): void;
  /** The log of a container, by `pod/container`. */
  logs: Map<string, string>;
};

/** The status of a Job's pod; undefined: the Job gets none. */
export type PlayJob = (job: KubeObject) => object | undefined;

type Subscriber = { query: ObjectQuery; push(event: WatchEvent): void };

export function fakeCluster(objects: readonly KubeObject[] = [], play: PlayJob = succeededPod): FakeCluster {
  const stored = new Map<string, KubeObject>();
  const subscribers = new Set<Subscriber>();
  const refusals: { words: string; error: Error }[] = [];
  const changes: string[] = [];
  const logs = new Map<string, string>();
  let version = 0;

  function put(object: KubeObject): KubeObject {
    version += 1;
    const known = stored.get(keyOf(object));
    const uid = object.metadata.uid ?? known?.metadata.uid ?? `uid-${version}`;
    const next = structuredClone({ ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } });
    stored.set(keyOf(object), next);
    announce(known === undefined ? 'ADDED' : 'MODIFIED', next);
    return structuredClone(next);
  }

  function remove(object: KubeObject): void {
    stored.delete(keyOf(object));
    version += 1;
    announce('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
    // The garbage collector.
    const dependents = [...stored.values()].filter(({ metadata }) => metadata.labels?.[CONTROLLER] === object.metadata.uid);
    dependents.forEach(remove);
  }

  function announce(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    for (const { query, push } of subscribers) if (selects(query, object)) push({ type, object: structuredClone(object) });
  }

  function find({ kind, name, namespace }: ObjectRef): KubeObject | undefined {
    return stored.get(keyOf({ kind, metadata: { name, namespace } }));
  }

  function byName(kind: string, name: string, namespace?: string): KubeObject | undefined {
    return [...stored.values()].find(
      (each) => each.kind === kind && each.metadata.name === name && (namespace ?? each.metadata.namespace) === each.metadata.namespace,
    );
  }

  /** Every call goes through here: it ends with the signal, and fails where the test wants it. */
  async function call<Value>(words: string, work: () => Value, signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    const refusal = refusals.find((each) => words.startsWith(each.words));
    if (refusal !== undefined) throw refusal.error;
    if (!/^(read|list|watch|log)/.test(words)) changes.push(words);
    return work();
  }

  function playJob(job: KubeObject): void {
    const status = play(job);
    if (status === undefined) return;
    const { metadata, spec } = job.spec.template;
    const labels = { ...metadata.labels, [CONTROLLER]: job.metadata.uid, 'batch.kubernetes.io/job-name': job.metadata.name };
    put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${job.metadata.name}-pod`, namespace: job.metadata.namespace, labels },
      spec,
      status,
    });
  }

  objects.forEach(put);
  return {
    changes,
    logs,
    put,
    get: (kind, name, namespace) => structuredClone(byName(kind, name, namespace)),
    delete: (kind, name) => remove(byName(kind, name)!),
    refuse: (words, error) => void refusals.push({ words, error }),

    read: (ref, signal) => call(`read ${describe(ref)}`, () => structuredClone(find(ref)), signal),
    list: (query, signal) =>
      call(
        `list ${query.kind}`,
        () => ({ items: [...stored.values()].filter((each) => selects(query, each)).map(asItem), resourceVersion: String(version) }),
        signal,
      ),
    create(given, signal, { dryRun = false } = {}) {
      const object = given as KubeObject;
      const create = () => {
        if (find({ ...object, ...object.metadata }) !== undefined)
          throw new ClusterError(409, 'AlreadyExists', `${object.kind} "${object.metadata.name}" already exists`);
        if (dryRun) return object;
        const created = put({ ...object, metadata: { ...object.metadata, uid: undefined } });
        if (object.kind === 'Job') playJob(created);
        return created;
      };
      return call(`create ${describe({ ...object, ...object.metadata })}${dryRun ? ' dry' : ''}`, create, signal);
    },
    replace(object, signal) {
      const replace = () => {
        const current = find({ ...object, ...object.metadata });
        if (current?.metadata.resourceVersion !== object.metadata.resourceVersion)
          throw new ClusterError(409, 'Conflict', `${object.kind} "${object.metadata.name}" has been modified`);
        return put(object);
      };
      return call(`replace ${describe({ ...object, ...object.metadata })}`, replace, signal);
    },
    apply: (object, signal) => call(`apply ${describe({ ...object, ...object.metadata })}`, () => put(object), signal),
    patch(ref, type, body, { dryRun = false }, signal) {
      const patch = () => {
        const before = find(ref)!;
        const wanted = (body as Partial<KubeObject>).metadata?.resourceVersion;
        if (wanted !== undefined && wanted !== before.metadata.resourceVersion)
          throw new ClusterError(409, 'Conflict', `${ref.kind} "${ref.name}" has been modified`);
        const after = (type === 'json' ? jsonPatch(before, body) : mergePatch(before, body)) as KubeObject;
        if (JSON.stringify(after) === JSON.stringify(before)) return structuredClone(before);
        const next = { ...after, metadata: { ...after.metadata, generation: (before.metadata.generation ?? 0) + 1 } };
        return dryRun ? next : put(next);
      };
      return call(`patch ${describe(ref)} ${type}${dryRun ? ' dry' : ''}`, patch, signal);
    },
    remove(ref, { uid }, signal) {
      const object = find(ref);
      if (object === undefined || (uid !== undefined && object.metadata.uid !== uid)) return Promise.resolve(false);
      return call(`remove ${describe(ref)}`, () => (remove(object), true), signal);
    },
    async *watch(query, signal) {
      const events: WatchEvent[] = [];
      let arrived = Promise.withResolvers<void>();
      const subscriber = {
        query,
        push(event: WatchEvent) {
          events.push(event);
          arrived.resolve();
        },
      };
      await call(`watch ${query.kind}`, () => subscribers.add(subscriber), signal);
      const abort = () => {
        arrived.promise.catch(() => undefined);
        arrived.reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      try {
        if (query.resourceVersion === undefined) {
          for (const object of stored.values()) if (selects(query, object)) yield { type: 'ADDED', object: structuredClone(object) };
        }
        for (;;) {
          yield* events.splice(0);
          if (events.length > 0) continue;
          arrived = Promise.withResolvers<void>();
          signal.throwIfAborted();
          await arrived.promise;
        }
      } finally {
        signal.removeEventListener('abort', abort);
        subscribers.delete(subscriber);
      }
    },
    log: (pod, { container, ...part }, signal) =>
      call(`log ${pod.name}/${container}`, () => partOf(logs.get(`${pod.name}/${container}`) ?? '', part), signal),
    version: () => Promise.resolve('v1.36.3'),
    time: () => Promise.resolve(undefined),
  };
}

/** As the kubelet does: the last lines, and of these the first bytes. */
function partOf(text: string, { tailLines = Infinity, limitBytes = Infinity }: LogOptions): string {
  const lines = text.split(/(?<=\n)/);
  return Buffer.from(lines.slice(Math.max(0, lines.length - tailLines)).join(''))
    .subarray(0, limitBytes)
    .toString();
}

const CONTROLLER = 'batch.kubernetes.io/controller-uid';

/** Every container of the template ran from 10:00:00 to 10:00:30 and exited with 0. */
export function succeededPod(job: KubeObject): object {
  return podStatus(job, 'Succeeded', {
    terminated: { exitCode: 0, reason: 'Completed', startedAt: '2026-01-01T10:00:00Z', finishedAt: '2026-01-01T10:00:30Z' },
  });
}

/** Every container of the template exited with 1. */
export function failedPod(job: KubeObject): object {
  return podStatus(job, 'Failed', {
    terminated: { exitCode: 1, reason: 'Error', startedAt: '2026-01-01T10:00:00Z', finishedAt: '2026-01-01T10:00:05Z' },
  });
}

/** Every container of the template runs, and goes on running. */
export function runningPod(job: KubeObject): object {
  return podStatus(job, 'Running', { running: { startedAt: '2026-01-01T10:00:00Z' } });
}

function podStatus(job: KubeObject, phase: string, state: object): object {
  const containers: { name: string }[] = job.spec.template.spec.containers;
  return { phase, containerStatuses: containers.map(({ name }) => ({ name, state })) };
}

function describe({ kind, namespace, name }: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace}/${name}`;
}

function keyOf({ kind, metadata: { namespace, name } }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  return describe({ kind, name, namespace });
}

function selects({ kind, namespace, labelSelector = '', fieldSelector = '' }: ObjectQuery, object: KubeObject): boolean {
  if (object.kind !== kind || (namespace !== undefined && object.metadata.namespace !== namespace)) return false;
  const labels = termsOf(labelSelector).every(([key, value]) => object.metadata.labels?.[key] === value);
  return (
    labels && termsOf(fieldSelector).every(([path, value]) => path.split('.').reduce((each: any, step) => each?.[step], object) === value)
  );
}

/** The server leaves apiVersion and kind of a list's items out. */
function asItem({ apiVersion: _apiVersion, kind: _kind, ...item }: KubeObject): KubeObject {
  return structuredClone(item) as KubeObject;
}

/** Only `key=value` terms: what the runner asks for. */
function termsOf(selector: string): [string, string][] {
  return selector === '' ? [] : selector.split(',').map((term) => term.split('=') as [string, string]);
}
