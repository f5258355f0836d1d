import assert from 'node:assert/strict';

import { createStore, type SandboxStore } from '../../../sandbox/create-store.ts';
import { StatusError, type StoreEvent } from '../../../sandbox/store.ts';

const POD = { spec: { containers: [{ name: 'main', image: 'main' }] } };

function refusal(code: number, reason: string) {
  return (error: unknown) => error instanceof StatusError && error.code === code && error.reason === reason;
}

describe('createStore', () => {
  let store: SandboxStore;
  let events: StoreEvent[];

  beforeEach(() => {
    store = createStore();
    events = [];
    store.subscribe((event) => events.push(event));
  });

  function create(kind: string, object: object, apiVersion = 'v1') {
    return store.create(store.kind(apiVersion, kind), 'default', object);
  }

  function configMap(data: Record<string, string> = {}, metadata: object = {}) {
    return create('ConfigMap', { metadata: { name: 'map', ...metadata }, data });
  }

  it('has the namespaces of every cluster', () => {
    const names = store.list(store.kind('v1', 'Namespace')).map(({ metadata }) => metadata.name);

    assert.deepEqual(names, ['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  });

  it('hands out objects that nobody can change', () => {
    const { data } = configMap({ a: '1' });

    assert.throws(() => (data.a = '2'), TypeError);
  });

  it('lists by namespace and name', () => {
    const kind = store.kind('v1', 'ConfigMap');
    for (const [namespace, name] of [
      ['kube-system', 'a'],
      ['default', 'b'],
      ['default', 'a'],
    ] as const) {
      store.create(kind, namespace, { metadata: { name } });
    }

    const all = store.list(kind).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

    assert.deepEqual(all, ['default/a', 'default/b', 'kube-system/a']);
    assert.equal(store.list(kind, 'kube-system').length, 1);
  });

  it('tells what was before a change', () => {
    configMap({ a: '1' });

    store.mutate(store.kind('v1', 'ConfigMap'), 'default', 'map', (object) => ({ ...object, data: { a: '2' } }));

    const [, change] = events;
    assert.deepEqual([change?.type, change?.previous?.data, change?.object.data], ['MODIFIED', { a: '1' }, { a: '2' }]);
  });

  it('writes nothing when nothing changes', () => {
    configMap({ a: '1' });
    const before = store.revision();

    store.mutate(store.kind('v1', 'ConfigMap'), 'default', 'map', (object) => object);
    store.mutate(store.kind('v1', 'ConfigMap'), 'default', 'map', () => undefined);

    assert.equal(store.revision(), before);
    assert.equal(events.length, 1);
  });

  it('takes only the status over when that is written, and only the rest otherwise', () => {
    const kind = store.kind('v1', 'Pod');
    create('Pod', { metadata: { name: 'pod' }, ...POD });

    store.mutate(
      kind,
      'default',
      'pod',
      (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { a: 'b' } }, status: { phase: 'Failed' } }),
      {
        status: true,
      },
    );
    store.mutate(kind, 'default', 'pod', (pod) => ({ ...pod, spec: { ...pod.spec, nodeName: 'one' }, status: { phase: 'Running' } }));

    const pod = store.get(kind, 'default', 'pod');
    assert.deepEqual([pod?.metadata.labels, pod?.status.phase, pod?.spec.nodeName], [undefined, 'Failed', 'one']);
  });

  it('shows what a dry run would store, and stores nothing', () => {
    const kind = store.kind('v1', 'ConfigMap');

    const shown = store.create(kind, 'default', { metadata: { name: 'map' } }, { dryRun: true });

    assert.equal(shown.metadata.name, 'map');
    assert.equal(store.get(kind, 'default', 'map'), undefined);
  });

  it('refuses an update at an old version', () => {
    const created = configMap({ a: '1' });
    const kind = store.kind('v1', 'ConfigMap');
    store.update(kind, 'default', 'map', { ...created, data: { a: '2' } });

    assert.throws(() => store.update(kind, 'default', 'map', { ...created, data: { a: '3' } }), refusal(409, 'Conflict'));
  });

  it('refuses new objects in a namespace that is on its way out', () => {
    const namespaces = store.kind('v1', 'Namespace');
    store.create(namespaces, undefined, { metadata: { name: 'leaving' } });
    store.remove(namespaces, undefined, 'leaving');

    assert.throws(() => store.create(store.kind('v1', 'ConfigMap'), 'leaving', { metadata: { name: 'map' } }), refusal(403, 'Forbidden'));
  });

  it('keeps a namespace until its finalizers are taken away', () => {
    const namespaces = store.kind('v1', 'Namespace');
    store.create(namespaces, undefined, { metadata: { name: 'leaving' } });

    const terminating = store.remove(namespaces, undefined, 'leaving');
    store.mutate(namespaces, undefined, 'leaving', (object) => ({ ...object, spec: { finalizers: [] } }));

    assert.equal(terminating.status.phase, 'Terminating');
    assert.equal(store.get(namespaces, undefined, 'leaving'), undefined);
  });

  it('keeps an object until its finalizers are gone', () => {
    const kind = store.kind('v1', 'ConfigMap');
    configMap({}, { finalizers: ['example.com/wait'] });

    store.remove(kind, 'default', 'map');
    const waiting = store.get(kind, 'default', 'map');
    store.mutate(kind, 'default', 'map', (object) => ({ ...object, metadata: { ...object.metadata, finalizers: [] } }));

    assert.ok(waiting?.metadata.deletionTimestamp);
    assert.equal(store.get(kind, 'default', 'map'), undefined);
    assert.equal(events.at(-1)?.type, 'DELETED');
  });

  it('writes down by finalizers how dependents are to be treated', () => {
    const kind = store.kind('v1', 'ConfigMap');
    configMap();

    const removed = store.remove(kind, 'default', 'map', { propagation: 'Foreground' });

    assert.deepEqual(removed.metadata.finalizers, ['foregroundDeletion']);
  });

  it('leaves the pods of a Job alone unless it is told otherwise', () => {
    create('Job', { metadata: { name: 'job' }, spec: { template: { spec: { restartPolicy: 'Never', ...POD.spec } } } }, 'batch/v1');

    const removed = store.remove(store.kind('batch/v1', 'Job'), 'default', 'job');

    assert.deepEqual(removed.metadata.finalizers, ['orphan']);
  });

  it('removes a pod without a node at once', () => {
    const kind = store.kind('v1', 'Pod');
    create('Pod', { metadata: { name: 'pod' }, ...POD });

    store.remove(kind, 'default', 'pod');

    assert.equal(store.get(kind, 'default', 'pod'), undefined);
  });

  it('gives a pod on a node its grace period, until the kubelet is done', () => {
    const kind = store.kind('v1', 'Pod');
    create('Pod', { metadata: { name: 'pod' }, ...POD });
    store.mutate(kind, 'default', 'pod', (pod) => ({ ...pod, spec: { ...pod.spec, nodeName: 'one' } }));

    store.remove(kind, 'default', 'pod');
    const ending = store.get(kind, 'default', 'pod');
    store.remove(kind, 'default', 'pod', { gracePeriodSeconds: 0 });

    assert.equal(ending?.metadata['deletionGracePeriodSeconds'], 30);
    assert.equal(store.get(kind, 'default', 'pod'), undefined);
  });

  it('refuses a pod whose service account is not there', () => {
    const pod = { metadata: { name: 'pod' }, spec: { ...POD.spec, serviceAccountName: 'nobody' } };

    assert.throws(() => create('Pod', pod), refusal(403, 'Forbidden'));
  });

  it('counts generations of the spec, and one for the deletion', () => {
    const template = { metadata: { labels: { a: 'b' } }, ...POD };
    create('Deployment', { metadata: { name: 'web' }, spec: { selector: { matchLabels: { a: 'b' } }, template } }, 'apps/v1');
    const kind = store.kind('apps/v1', 'Deployment');
    const generation = () => store.get(kind, 'default', 'web')?.metadata.generation;

    store.mutate(kind, 'default', 'web', (object) => ({ ...object, metadata: { ...object.metadata, labels: { c: 'd' } } }));
    const labeled = generation();
    store.mutate(kind, 'default', 'web', (object) => ({ ...object, spec: { ...object.spec, replicas: 2 } }));
    const scaled = generation();
    store.remove(kind, 'default', 'web', { propagation: 'Foreground' });

    assert.deepEqual([labeled, scaled, generation()], [1, 2, 3]);
  });

  describe('a CustomResourceDefinition', () => {
    const definition = {
      metadata: { name: 'gadgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Gadget', plural: 'gadgets' },
        versions: ['v1', 'v2'].map((name) => ({
          name,
          served: true,
          storage: name === 'v1',
          schema: { openAPIV3Schema: { type: 'object' } },
        })),
      },
    };
    const gadget = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'one' }, spec: { size: 1 } };

    beforeEach(() => {
      store.create(store.kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition'), undefined, definition);
    });

    it('serves its kind in all its versions', () => {
      store.create(store.kind('example.com/v1', 'Gadget'), 'default', gadget);

      const found = store.get(store.kind('example.com/v2', 'Gadget'), 'default', 'one');

      assert.deepEqual([found?.apiVersion, found?.spec], ['example.com/v2', { size: 1 }]);
    });

    it('takes its kind and the objects with it', () => {
      store.create(store.kind('example.com/v1', 'Gadget'), 'default', gadget);

      store.remove(store.kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition'), undefined, definition.metadata.name);

      assert.throws(() => store.kind('example.com/v1', 'Gadget'), refusal(404, 'NotFound'));
      assert.deepEqual(
        events.slice(-2).map(({ type, object }) => [type, object.kind]),
        [
          ['DELETED', 'Gadget'],
          ['DELETED', 'CustomResourceDefinition'],
        ],
      );
    });

    it('keeps the kind of a definition that changes otherwise', () => {
      const kind = store.kind('example.com/v1', 'Gadget');

      store.mutate(store.kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition'), undefined, definition.metadata.name, (object) => ({
        ...object,
        metadata: { ...object.metadata, labels: { a: 'b' } },
      }));

      assert.equal(store.kind('example.com/v1', 'Gadget'), kind);
    });
  });
});
