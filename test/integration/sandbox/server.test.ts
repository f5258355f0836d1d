import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connectCluster, connectServer, type Connection } from '../../../runner/cluster/connect.ts';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { WatchEvent } from '../../../runner/cluster/port.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/server.ts';
import { turnedClock } from '../cluster/turned-clock.ts';

const { signal } = new AbortController();
const CONFIG_MAPS = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' };
const ONE = { ...CONFIG_MAPS, name: 'one' };

function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

describe('the server of the sandbox', () => {
  let sandbox: Sandbox;
  let connection: Connection;
  let clock: ReturnType<typeof turnedClock>;

  async function start(options: SandboxOptions = {}): Promise<void> {
    sandbox = await startSandbox(options);
    clock = turnedClock();
    connection = connectServer(sandbox.url, { clock });
  }

  afterEach(async () => {
    await connection.close();
    await sandbox.close();
  });

  it('writes a kubeconfig by which it is found', async () => {
    await start();
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));

    await sandbox.kubeconfig(join(folder, 'config'));
    const { cluster, close, namespace } = await connectCluster({ kubeconfig: join(folder, 'config') });
    const version = await cluster.version(signal);
    await close();
    await rm(folder, { recursive: true });

    assert.equal(version, 'v1.36.3+sandbox');
    assert.equal(namespace, 'default');
  });

  it('ends with everything that is open', async () => {
    await start();
    const events = connection.cluster.watch(CONFIG_MAPS, signal)[Symbol.asyncIterator]();
    const next = events.next();
    sandbox.store.create(sandbox.store.kind('v1', 'ConfigMap'), 'default', { metadata: { name: 'one' } });
    await next;

    const after = events.next();
    await Promise.all([sandbox.close(), assert.rejects(after, ClusterError)]);

    await assert.rejects(fetch(sandbox.url));
    await connection.close();
    await start();
  });

  it('refuses what it does not implement with a Status', async () => {
    await start();
    const ask = async (path: string, init?: RequestInit) => {
      const response = await fetch(sandbox.url + path, init);
      const { kind, reason }: any = await response.json();
      return [response.status, kind, reason];
    };
    const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    const namespaces = '/api/v1/namespaces';

    assert.deepEqual(await ask(namespaces, { method: 'POST', body: 'k8s', headers: protobuf }), [415, 'Status', 'UnsupportedMediaType']);
    assert.deepEqual(await ask(namespaces, { headers: { accept: protobuf['content-type'] } }), [406, 'Status', 'NotAcceptable']);
    assert.deepEqual(await ask('/api/v1/namespaces/default/pods/x/exec', { method: 'POST' }), [405, 'Status', 'MethodNotAllowed']);
    assert.deepEqual(await ask('/api/v1/namespaces/default/pods/x/dance'), [404, 'Status', 'NotFound']);
    assert.deepEqual(await ask(namespaces, { method: 'OPTIONS' }), [405, 'Status', 'MethodNotAllowed']);
  });

  it('grants what the rules grant, and nothing else', async () => {
    await start({ access: [{ verbs: ['get', 'create'], apiGroups: [''], resources: ['configmaps'], namespaces: ['default'] }] });
    const { cluster } = connection;
    const isForbidden = (error: unknown) => error instanceof ClusterError && error.status === 403 && error.reason === 'Forbidden';

    await cluster.create(configMap('one'), signal);

    await assert.rejects(cluster.list(CONFIG_MAPS, signal), isForbidden);
    await assert.rejects(cluster.read({ ...ONE, namespace: 'kube-system' }, signal), isForbidden);
  });

  describe('logs', () => {
    const POD = { metadata: { name: 'pod' }, spec: { nodeName: 'one', containers: ['a', 'b'].map((name) => ({ name, image: name })) } };
    const log = (container?: string, tailLines?: number) =>
      connection.cluster.log({ namespace: 'default', name: 'pod' }, { container, tailLines }, signal);
    const says = (message: RegExp) => (error: unknown) =>
      error instanceof ClusterError && error.status === 400 && message.test(error.message);

    beforeEach(async () => {
      await start({ logs: { read: (_, container) => (container === 'a' ? 'one\ntwo\nthree\n' : undefined) } });
      sandbox.store.create(sandbox.store.kind('v1', 'Pod'), 'default', POD);
    });

    it('are cut to the last lines', async () => {
      assert.equal(await log('a', 2), 'two\nthree\n');
      assert.equal(await log('a'), 'one\ntwo\nthree\n');
    });

    it('are refused for a container that has not started', async () => {
      await assert.rejects(log('b'), says(/container "b" in pod "pod" is waiting to start: ContainerCreating/));
    });

    it('need the name of a container when there are several', async () => {
      await assert.rejects(log(), says(/a container name must be specified for pod pod, choose one of: \[a b\]/));
    });
  });

  describe('faults', () => {
    beforeEach(() => start());

    it('tell a client to come back later, which it does', async () => {
      sandbox.faults.add({ verb: 'list', effect: 'refuse', code: 429, reason: 'TooManyRequests', retryAfter: 3, times: 2 });

      const { items } = await connection.cluster.list(CONFIG_MAPS, signal);

      assert.deepEqual(items, []);
      assert.deepEqual(clock.waits, [3_000, 3_000]);
    });

    it('lose the answer to a write that was carried out', async () => {
      sandbox.faults.add({ verb: 'create', resource: 'configmaps', effect: 'cut', when: 'after' });

      const created = await connection.cluster.create(configMap('one', { a: '1' }), signal);

      assert.deepEqual(created.data, { a: '1' });
      assert.equal(sandbox.store.list(sandbox.store.kind('v1', 'ConfigMap')).length, 1);
    });

    it('cut a connection before anything is carried out', async () => {
      sandbox.faults.add({ verb: 'create', effect: 'cut', when: 'before', times: Infinity });

      await assert.rejects(connection.cluster.create(configMap('one'), signal), ClusterError);

      assert.deepEqual(sandbox.store.list(sandbox.store.kind('v1', 'ConfigMap')), []);
    });

    it('leave a request without an answer', async () => {
      sandbox.faults.add({ effect: 'freeze' });
      const stop = new AbortController();

      const list = connection.cluster.list(CONFIG_MAPS, stop.signal);
      stop.abort(new Error('waited long enough'));

      await assert.rejects(list, { message: 'waited long enough' });
    });

    it('close the connection after an answer', async () => {
      sandbox.faults.add({ effect: 'close' });

      const response = await fetch(`${sandbox.url}/version`);

      assert.equal(response.headers.get('connection'), 'close');
    });
  });

  describe('watches', () => {
    beforeEach(() => start());

    function watch(query: object = {}): AsyncIterator<WatchEvent> {
      return connection.cluster.watch({ ...CONFIG_MAPS, ...query }, signal)[Symbol.asyncIterator]();
    }

    async function create(name: string) {
      return connection.cluster.create(configMap(name), signal);
    }

    it('are refused from a version that is forgotten', async () => {
      const { metadata } = await create('one');
      await create('two');
      sandbox.store.forgetHistory();

      const next = watch({ resourceVersion: metadata.resourceVersion }).next();

      await assert.rejects(next, (error) => error instanceof ClusterError && error.status === 410 && error.reason === 'Expired');
    });

    it('end where they are told to, with a bookmark of where that was', async () => {
      await create('one');
      const events = watch();
      await events.next();

      sandbox.faults.strike('end');
      const last = await events.next();

      assert.deepEqual(last.value, { type: 'BOOKMARK', resourceVersion: sandbox.store.revision() });
      assert.equal((await events.next()).done, true);
    });

    it('break where they are told to', async () => {
      await create('one');
      const events = watch();
      await events.next();

      const next = events.next();
      sandbox.faults.strike('cut', { verb: 'watch', resource: 'configmaps' });

      await assert.rejects(next, (error) => error instanceof ClusterError && error.status === 0);
    });

    it('say nothing more when they are frozen', async () => {
      await create('one');
      const stop = new AbortController();
      const events = connection.cluster.watch(CONFIG_MAPS, stop.signal)[Symbol.asyncIterator]();
      await events.next();
      sandbox.faults.strike('freeze');
      await create('two');

      const next = events.next();
      await create('three');
      stop.abort(new Error('nothing came'));

      await assert.rejects(next, { message: 'nothing came' });
    });

    it('tell of an object that enters the selection as added', async () => {
      const created = await create('one');
      const events = watch({ labelSelector: 'a=b', resourceVersion: created.metadata.resourceVersion });

      await connection.cluster.patch(ONE, 'merge', { metadata: { labels: { a: 'b' } } }, {}, signal);
      const { value } = await events.next();

      assert.equal(value.type, 'ADDED');
    });
  });
});
