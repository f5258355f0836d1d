import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError, isAlreadyExists, isConflict } from '../../../runner/cluster/errors.ts';
import type { Cluster, KubeObject, ObjectRef, WatchEvent } from '../../../runner/cluster/port.ts';
import { customDefinition } from './custom-definition.ts';

export type ClusterTraits = {
  /** Pods run and have logs. */
  nodes: boolean;
  /** CustomResourceDefinitions can be created. */
  customResources: boolean;
};

/**
 * What the product relies on of the Kubernetes API, as tests that every cluster has to pass: they are written to the port alone, and
 * work in a namespace of their own.
 */
export function describeCluster(name: string, connect: () => Promise<Cluster>, traits: ClusterTraits): void {
  describe(`the cluster port on ${name}`, () => {
    let cluster: Cluster;
    let namespace: string;
    let unique = 0;
    const { signal } = new AbortController();

    before(async () => {
      cluster = await connect();
      const created = await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'contract-' } }, signal);
      namespace = created.metadata.name;
    });

    after(async () => {
      await cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
    });

    /** Every test has names of its own, so that none sees the objects of another. */
    function freshName(): string {
      unique += 1;
      return `test-${unique}`;
    }

    function configMap(data: Record<string, string>, labels?: Record<string, string>) {
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: freshName(), namespace, labels }, data };
    }

    function create(object: Parameters<Cluster['create']>[0]): Promise<KubeObject> {
      return cluster.create(object, signal);
    }

    function read(ref: ObjectRef): Promise<KubeObject | undefined> {
      return cluster.read(ref, signal);
    }

    it('tells its version', async () => {
      const version = await cluster.version(signal);

      assert.match(version, /^v1\.\d+/);
    });

    describe('create and read', () => {
      it('reads what was created', async () => {
        const created = await create(configMap({ size: '4' }));

        const found = await read(refOf(created));

        assert.deepEqual(found, created);
        assert.deepEqual(found?.data, { size: '4' });
        assert.ok(found?.metadata.uid);
        assert.ok(found?.metadata.resourceVersion);
      });

      it('takes the absence of an object for a value', async () => {
        const found = await read({ apiVersion: 'v1', kind: 'ConfigMap', name: 'never-created', namespace });

        assert.equal(found, undefined);
      });

      it('refuses a name that is taken', async () => {
        const object = configMap({});
        await create(object);

        await assert.rejects(create(object), isAlreadyExists);
      });

      it('completes a generated name', async () => {
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'generated-', namespace } };

        const [first, second] = [await create(object), await create(object)];

        assert.match(first.metadata.name, /^generated-.+/);
        assert.notEqual(first.metadata.name, second.metadata.name);
      });

      it('refuses an object in a namespace that does not exist', async () => {
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'lost', namespace: 'never-created' } };

        await assert.rejects(create(object), hasStatus(404, 'NotFound'));
      });

      it('refuses an invalid object in the words of the server', async () => {
        const object = { ...configMap({}), data: { 'not a key': '' } };

        await assert.rejects(create(object), (error: ClusterError) => {
          assert.equal(error.status, 422);
          assert.equal(error.reason, 'Invalid');
          assert.match(error.message, /not a key/);
          return true;
        });
      });

      it('keeps times to the letter', async () => {
        const spec = { holderIdentity: 'me', leaseDurationSeconds: 60, renewTime: '2026-01-02T03:04:05.678901Z' };
        const lease = {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: freshName(), namespace },
          spec,
        };

        const created = await create(lease);

        assert.deepEqual((await read(refOf(created)))?.spec, spec);
      });

      it('finds no match for a kind that it does not have', async () => {
        const ref = { apiVersion: 'v1', kind: 'Podd', name: 'some', namespace };

        await assert.rejects(read(ref), hasStatus(404, 'NoKindMatch'));
      });

      it('answers reviews, which have no name', async () => {
        const resourceAttributes = { namespace, verb: 'get', resource: 'pods', subresource: 'log' };

        const review = await create({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        });

        assert.equal(review.status.allowed, true);
      });
    });

    describe('list', () => {
      it('selects by labels', async () => {
        const group = freshName();
        const [one, two] = [await create(configMap({}, { group, size: 'one' })), await create(configMap({}, { group, size: 'two' }))];
        const select = async (labelSelector: string) => {
          const { items } = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector }, signal);
          return items.map(({ metadata }) => metadata.name);
        };

        assert.deepEqual(await select(`group=${group}`), [one.metadata.name, two.metadata.name]);
        assert.deepEqual(await select(`group=${group},size!=one`), [two.metadata.name]);
        assert.deepEqual(await select(`group=${group},size in (one,three)`), [one.metadata.name]);
        assert.deepEqual(await select(`group=${group},!size`), []);
      });

      it('selects by name as a field', async () => {
        const { metadata } = await create(configMap({}));

        const { items } = await cluster.list(
          { apiVersion: 'v1', kind: 'ConfigMap', namespace, fieldSelector: `metadata.name=${metadata.name}` },
          signal,
        );

        assert.deepEqual(
          items.map((item) => item.metadata.uid),
          [metadata.uid],
        );
      });

      it('gives whole objects, and the version that a watch may begin with', async () => {
        const group = freshName();
        const created = await create(configMap({ size: '4' }, { group }));

        const listed = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: `group=${group}` }, signal);

        assert.deepEqual(listed.items, [created]);
        assert.ok(listed.resourceVersion);
      });

      it('looks into all namespaces when none is named', async () => {
        const group = freshName();
        const created = await create(configMap({}, { group }));

        const { items } = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', labelSelector: `group=${group}` }, signal);

        assert.deepEqual(
          items.map((item) => item.metadata.uid),
          [created.metadata.uid],
        );
      });
    });

    describe('replace', () => {
      it('changes the object at its own version', async () => {
        const created = await create(configMap({ size: '4' }));

        const replaced = await cluster.replace({ ...created, data: { size: '8' } }, signal);

        assert.deepEqual((await read(refOf(created)))?.data, { size: '8' });
        assert.notEqual(replaced.metadata.resourceVersion, created.metadata.resourceVersion);
      });

      it('is a conflict when somebody was faster', async () => {
        const created = await create(configMap({ size: '4' }));
        await cluster.replace({ ...created, data: { size: '8' } }, signal);

        await assert.rejects(cluster.replace({ ...created, data: { size: '16' } }, signal), isConflict);

        assert.deepEqual((await read(refOf(created)))?.data, { size: '8' });
      });
    });

    describe('patch', () => {
      it('merges, and removes what is null', async () => {
        const created = await create(configMap({ size: '4', color: 'red' }));

        const patched = await cluster.patch(refOf(created), 'merge', { data: { size: '8', color: null } }, {}, signal);

        assert.deepEqual(patched.data, { size: '8' });
      });

      it('carries out a JSON Patch', async () => {
        const created = await create(configMap({ size: '4' }));
        const patch = [
          { op: 'test', path: '/data/size', value: '4' },
          { op: 'add', path: '/data/color', value: 'red' },
          { op: 'remove', path: '/data/size' },
        ];

        const patched = await cluster.patch(refOf(created), 'json', patch, {}, signal);

        assert.deepEqual(patched.data, { color: 'red' });
      });

      it('refuses a JSON Patch whose test fails', async () => {
        const created = await create(configMap({ size: '4' }));
        const patch = [{ op: 'test', path: '/data/size', value: '5' }];

        await assert.rejects(cluster.patch(refOf(created), 'json', patch, {}, signal), hasStatus(422, 'Invalid'));
      });

      it('merges containers by name in a strategic patch', async () => {
        const created = await create(deployment(freshName(), namespace));

        const patched = await cluster.patch(
          refOf(created),
          'strategic',
          podPatch({ containers: [{ name: 'app', env: [{ name: 'SIZE', value: '8' }] }] }),
          {},
          signal,
        );

        const [app, sidecar] = patched.spec.template.spec.containers;
        assert.equal(app.image, 'app:1');
        const env = Object.fromEntries(app.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
        assert.deepEqual(env, { COLOR: 'red', SIZE: '8' });
        assert.equal(sidecar.name, 'sidecar');
      });

      it('obeys the $patch directive of a strategic patch', async () => {
        const created = await create(deployment(freshName(), namespace));

        const patched = await cluster.patch(
          refOf(created),
          'strategic',
          podPatch({ containers: [{ name: 'sidecar', $patch: 'delete' }] }),
          {},
          signal,
        );

        assert.deepEqual(
          patched.spec.template.spec.containers.map((container: { name: string }) => container.name),
          ['app'],
        );
      });

      it('counts a generation for a changed spec, not for a changed label', async () => {
        const created = await create(deployment(freshName(), namespace));

        const labeled = await cluster.patch(refOf(created), 'merge', { metadata: { labels: { tier: 'web' } } }, {}, signal);
        const scaled = await cluster.patch(refOf(created), 'merge', { spec: { replicas: 2 } }, {}, signal);

        assert.equal(created.metadata.generation, 1);
        assert.equal(labeled.metadata.generation, 1);
        assert.equal(scaled.metadata.generation, 2);
      });

      it('leaves the version alone when nothing changes', async () => {
        const created = await create(configMap({ size: '4' }));
        const once = await cluster.patch(refOf(created), 'merge', { data: { size: '8' } }, {}, signal);

        const twice = await cluster.patch(refOf(created), 'merge', { data: { size: '8' } }, {}, signal);

        assert.equal(twice.metadata.resourceVersion, once.metadata.resourceVersion);
      });

      it('shows what a dry run would change, and changes nothing', async () => {
        const created = await create(configMap({ size: '4' }));

        const shown = await cluster.patch(refOf(created), 'merge', { data: { size: '8' } }, { dryRun: true }, signal);

        assert.deepEqual(shown.data, { size: '8' });
        assert.deepEqual(await read(refOf(created)), created);
      });

      it('is refused for an object that is not there', async () => {
        const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'never-created', namespace };

        await assert.rejects(cluster.patch(ref, 'merge', { data: {} }, {}, signal), hasStatus(404, 'NotFound'));
      });
    });

    describe('apply', () => {
      it('creates, and later removes the fields that are no longer applied', async () => {
        const object = configMap({ size: '4', color: 'red' });

        await cluster.apply(object, signal);
        const applied = await cluster.apply({ ...object, data: { size: '8' } }, signal);

        assert.deepEqual(applied.data, { size: '8' });
      });

      it('takes over fields of others under our name', async () => {
        const created = await create(configMap({ size: '4' }));
        const { name } = created.metadata;

        const applied = await cluster.apply(
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { size: '8' } },
          signal,
        );

        assert.deepEqual(applied.data, { size: '8' });
        const managers = applied.metadata['managedFields'].filter(({ operation }: { operation: string }) => operation === 'Apply');
        assert.deepEqual(
          managers.map(({ manager }: { manager: string }) => manager),
          ['fieldtrial'],
        );
      });
    });

    describe('remove', () => {
      it('says whether there was something to remove', async () => {
        const created = await create(configMap({}));

        assert.equal(await cluster.remove(refOf(created), {}, signal), true);
        assert.equal(await cluster.remove(refOf(created), {}, signal), false);
        assert.equal(await read(refOf(created)), undefined);
      });

      it('leaves an object with another uid', async () => {
        const created = await create(configMap({}));

        const removed = await cluster.remove(refOf(created), { uid: '00000000-0000-4000-8000-000000000000' }, signal);

        assert.equal(removed, false);
        assert.deepEqual(await read(refOf(created)), created);
      });

      it('removes the object with the uid', async () => {
        const created = await create(configMap({}));

        const removed = await cluster.remove(refOf(created), { uid: created.metadata.uid }, signal);

        assert.equal(removed, true);
      });

      it('waits for finalizers', async () => {
        const object = configMap({});
        const created = await create({
          ...object,
          metadata: { ...object.metadata, finalizers: ['fieldtrial.dev/test'] },
        });

        const removed = await cluster.remove(refOf(created), {}, signal);
        const terminating = await read(refOf(created));
        await cluster.patch(refOf(created), 'merge', { metadata: { finalizers: null } }, {}, signal);

        assert.equal(removed, true);
        assert.ok(terminating?.metadata.deletionTimestamp);
        assert.equal(await read(refOf(created)), undefined);
      });
    });

    describe('watch', () => {
      function watch(group: string, resourceVersion?: string) {
        const query = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          namespace,
          labelSelector: `group=${group}`,
          resourceVersion,
        };
        return changes(cluster.watch(query, signal));
      }

      it('begins with what there is and goes on in order', async () => {
        const group = freshName();
        const created = await create(configMap({ size: '4' }, { group }));

        const events = watch(group);
        const first = await events.next();
        await cluster.patch(refOf(created), 'merge', { data: { size: '8' } }, {}, signal);
        await cluster.remove(refOf(created), {}, signal);
        const others = [await events.next(), await events.next()];
        await events.return(undefined);

        assert.deepEqual(
          [first, ...others].map(({ value }) => [value.type, value.object.metadata.name, value.object.data.size]),
          [
            ['ADDED', created.metadata.name, '4'],
            ['MODIFIED', created.metadata.name, '8'],
            ['DELETED', created.metadata.name, '8'],
          ],
        );
      });

      it('goes on after the version of a list', async () => {
        const group = freshName();
        await create(configMap({}, { group }));
        const { resourceVersion } = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace }, signal);
        const later = await create(configMap({}, { group }));

        const events = watch(group, resourceVersion);
        const { value } = await events.next();
        await events.return(undefined);

        assert.equal(value.type, 'ADDED');
        assert.deepEqual(value.object, later);
      });

      it('goes on after the version of an event', async () => {
        const group = freshName();
        const created = await create(configMap({ size: '4' }, { group }));
        const patched = await cluster.patch(refOf(created), 'merge', { data: { size: '8' } }, {}, signal);

        const events = watch(group, created.metadata.resourceVersion);
        const { value } = await events.next();
        await events.return(undefined);

        assert.equal(value.type, 'MODIFIED');
        assert.equal(value.object.metadata.resourceVersion, patched.metadata.resourceVersion);
      });

      it('reports an object that leaves the selection as deleted', async () => {
        const group = freshName();
        const created = await create(configMap({}, { group }));
        await cluster.patch(refOf(created), 'merge', { metadata: { labels: { group: 'other' } } }, {}, signal);

        const events = watch(group, created.metadata.resourceVersion);
        const { value } = await events.next();
        await events.return(undefined);

        assert.equal(value.type, 'DELETED');
        assert.equal(value.object.metadata.name, created.metadata.name);
      });

      it('ends with the reason of the signal', async () => {
        const stop = new AbortController();
        const group = freshName();
        await create(configMap({}, { group }));
        const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: `group=${group}` };
        const events = changes(cluster.watch(query, stop.signal));
        await events.next();

        const next = events.next();
        stop.abort(new Error('enough'));

        await assert.rejects(next, { message: 'enough' });
      });
    });

    describe('log', () => {
      it('is refused for a pod that is not there', async () => {
        await assert.rejects(cluster.log({ namespace, name: 'never-created' }, {}, signal), hasStatus(404, 'NotFound'));
      });

      if (traits.nodes) {
        it('reads the last lines of a container', async function () {
          this.timeout(60_000);
          const pod = await create(printingPod(freshName(), namespace));
          await finished(cluster, pod, signal);

          const log = await cluster.log({ namespace, name: pod.metadata.name }, { container: 'main', tailLines: 2 }, signal);

          assert.equal(log, 'two\nthree\n');
        });
      }
    });

    if (traits.customResources) {
      describe('a custom resource', () => {
        it('is discovered, and patched by merge', async () => {
          const definition = customDefinition(`${freshName()}.${namespace}.fieldtrial.dev`, { kind: 'Gadget', plural: 'gadgets' });
          await create(definition);
          try {
            const { group, names } = definition.spec;
            await served(cluster, { apiVersion: `${group}/v1`, kind: names.kind, namespace }, signal);

            const created = await create({
              apiVersion: `${group}/v1`,
              kind: names.kind,
              metadata: { name: 'one', namespace },
              spec: { size: 4, color: 'red' },
            });
            const patched = await cluster.patch(refOf(created), 'merge', { spec: { size: 8 } }, {}, signal);

            assert.deepEqual(patched.spec, { size: 8, color: 'red' });
          } finally {
            await cluster.remove({ ...definition, name: definition.metadata.name }, {}, signal);
          }
        });
      });
    }
  });
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

function hasStatus(status: number, reason: string) {
  return (error: unknown) => error instanceof ClusterError && error.status === status && error.reason === reason;
}

type Change = Exclude<WatchEvent, { type: 'BOOKMARK' }>;

/** A watch without its bookmarks, which come when the server likes. */
async function* changes(events: AsyncIterable<WatchEvent>): AsyncGenerator<Change> {
  for await (const event of events) {
    if (event.type !== 'BOOKMARK') yield event;
  }
}

function podPatch(spec: object) {
  return { spec: { template: { spec } } };
}

function deployment(name: string, namespace: string) {
  const labels = { app: name };
  const containers = [
    { name: 'app', image: 'app:1', env: [{ name: 'COLOR', value: 'red' }] },
    { name: 'sidecar', image: 'sidecar:1' },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

function printingPod(name: string, namespace: string) {
  const command = ['sh', '-c', 'echo one; echo two; echo three'];
  const containers = [{ name: 'main', image: 'busybox:latest', imagePullPolicy: 'IfNotPresent', command }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { restartPolicy: 'Never', containers } };
}

async function finished(cluster: Cluster, { metadata: { name, namespace } }: KubeObject, signal: AbortSignal): Promise<void> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: `metadata.name=${name}` };
  for await (const { object } of changes(cluster.watch(query, signal))) {
    if (object.status?.phase === 'Succeeded') return;
    assert.notEqual(object.status?.phase, 'Failed');
  }
  assert.fail('the watch ended before the pod did');
}

/**
 * Custom resources are discovered and served a moment after their definition is established, so that Kubernetes' own tests ask for them
 * (k8s.io/apiextensions-apiserver/test/integration/fixtures/resources.go).
 */
async function served(
  cluster: Cluster,
  query: { apiVersion: string; kind: string; namespace: string },
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await cluster.list(query, signal);
      return;
    } catch (error) {
      if (!(error instanceof ClusterError && error.status === 404) || Date.now() > deadline) throw error;
      await sleep(50, undefined, { signal });
    }
  }
}
