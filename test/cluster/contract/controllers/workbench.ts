import { ClusterError } from '../../../../runner/cluster/errors.ts';
import type { Cluster, KubeObject, ObjectRef, PatchKind } from '../../../../runner/cluster/port.ts';

type Selection = { kind: string; apiVersion: string; name: string };

/** What tests of controllers do with a cluster, in a namespace of their own. */
export type Workbench = {
  namespace(): string;
  /** A name that no other test has. */
  name(): string;
  create(object: Parameters<Cluster['create']>[0]): Promise<KubeObject>;
  read(selection: Selection): Promise<KubeObject | undefined>;
  patch(selection: Selection, body: unknown, kind?: PatchKind): Promise<KubeObject>;
  remove(selection: Selection, propagation?: 'Background' | 'Foreground' | 'Orphan'): Promise<void>;
  list(apiVersion: string, kind: string, labelSelector?: string): Promise<KubeObject[]>;
  /** The first state of an object that meets the condition; an error that shows the last one after a minute. */
  until(selection: Selection, condition: (object: KubeObject) => boolean): Promise<KubeObject>;
  /** Waits until the object is gone. */
  untilGone(selection: Selection): Promise<void>;
  /** Every state from this object on until one meets the condition. */
  statesUntil(created: KubeObject, condition: (object: KubeObject) => boolean): Promise<KubeObject[]>;
  /** Asks again and again, for what no single object shows. */
  poll<Value>(ask: () => Promise<Value | undefined>): Promise<Value>;
  /** Does something while a quota of this name is in force that allows no pods; the quota is gone afterwards, also after a failure. */
  withoutPods<Value>(quota: string, work: () => Promise<Value>): Promise<Value>;
};

const PATIENCE = 60_000;

export function createWorkbench(connect: () => Promise<Cluster>): Workbench {
  let cluster: Cluster;
  let namespace: string;
  let unique = 0;
  const { signal } = new AbortController();

  before(async () => {
    cluster = await connect();
    const created = await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'controllers-' } }, signal);
    namespace = created.metadata.name;
  });

  after(async () => {
    await cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
  });

  const refTo = (selection: Selection): ObjectRef => (selection.kind === 'Namespace' ? selection : { ...selection, namespace });

  async function follow(
    selection: Selection,
    resourceVersion: string | undefined,
    isLast: (event: { type: string; object: KubeObject }) => boolean,
  ): Promise<KubeObject[]> {
    const { name, ...place } = refTo(selection);
    const deadline = AbortSignal.timeout(PATIENCE);
    const states: KubeObject[] = [];
    try {
      for await (const event of cluster.watch(
        { ...place, fieldSelector: `metadata.name=${name}`, ...(resourceVersion && { resourceVersion }) },
        deadline,
      )) {
        if (event.type === 'BOOKMARK') continue;
        states.push(event.object);
        if (isLast(event)) return states;
      }
    } catch (error) {
      if (!deadline.aborted) throw error;
    }
    const last = states.at(-1);
    throw new Error(`${selection.kind} ${name} never came to what was waited for; last: ${JSON.stringify(last, undefined, 1)}`);
  }

  async function poll<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const value = await ask();
      if (value !== undefined) return value;
      if (Date.now() > deadline) throw new Error('what was asked for never came');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A quota counts only once a controller has computed its use and the API server has seen that; before, pods pass or are refused otherwise. */
  async function refusesPods(quota: string): Promise<true | undefined> {
    const metadata = { generateName: 'probe-', namespace };
    const spec = { schedulerName: 'nobody', containers: [{ name: 'main', image: 'busybox' }] };
    try {
      const pod = await cluster.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, signal);
      await cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name }, {}, signal);
      return undefined;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.reason !== 'Forbidden') throw error;
      return error.message.includes(`exceeded quota: ${quota},`) ? true : undefined;
    }
  }

  return {
    namespace: () => namespace,
    name() {
      unique += 1;
      return `test-${unique}`;
    },
    // What addresses an object is no field of it.
    create: ({ metadata, name: _, ...object }) =>
      cluster.create({ ...object, metadata: object.kind === 'Namespace' ? metadata : { namespace, ...metadata } }, signal),
    read: (selection) => cluster.read(refTo(selection), signal),
    patch: (selection, body, kind = 'merge') => cluster.patch(refTo(selection), kind, body, {}, signal),
    async remove(selection, propagation = 'Background') {
      await cluster.remove(refTo(selection), { propagation }, signal);
    },
    async list(apiVersion, kind, labelSelector) {
      const { items } = await cluster.list({ apiVersion, kind, namespace, ...(labelSelector && { labelSelector }) }, signal);
      return items;
    },
    async until(selection, condition) {
      const states = await follow(selection, undefined, ({ type, object }) => type !== 'DELETED' && condition(object));
      return states.at(-1)!;
    },
    async untilGone(selection) {
      const found = await cluster.read(refTo(selection), signal);
      if (found === undefined) return;
      await follow(selection, found.metadata.resourceVersion, ({ type }) => type === 'DELETED').catch(async (error: unknown) => {
        if ((await cluster.read(refTo(selection), signal)) !== undefined) throw error;
      });
    },
    async statesUntil(created, condition) {
      const { apiVersion, kind, metadata } = created;
      const selection = { apiVersion, kind, name: metadata.name };
      const states = await follow(selection, metadata.resourceVersion, ({ object }) => condition(object));
      return [created, ...states];
    },
    poll,
    async withoutPods(quota, work) {
      const ref = { apiVersion: 'v1', kind: 'ResourceQuota', name: quota, namespace };
      const { apiVersion, kind } = ref;
      await cluster.create({ apiVersion, kind, metadata: { name: quota, namespace }, spec: { hard: { pods: '0' } } }, signal);
      try {
        await poll(() => refusesPods(quota));
        return await work();
      } finally {
        await cluster.remove(ref, {}, signal);
      }
    },
  };
}
