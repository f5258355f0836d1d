import assert from 'node:assert/strict';

import { connectServer } from '../../../runner/cluster/connect.ts';
import { ClusterError, isAlreadyExists, isConflict } from '../../../runner/cluster/errors.ts';
import type { RequestMeasure } from '../../../runner/cluster/http.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { hangUp, sendEvent, sendJson, sendStatus, startServer, type Answer } from './scripted-server.ts';
import { turnedClock } from './turned-clock.ts';

const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'sizes', namespace: 'shop' },
  data: { size: '4' },
};
const REF = { apiVersion: 'v1', kind: 'ConfigMap', name: 'sizes', namespace: 'shop' };
const PATH = '/api/v1/namespaces/shop/configmaps/sizes';
const { signal } = new AbortController();

describe('the cluster over HTTP', () => {
  describe('requests', () => {
    it('names the field manager in every write', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      await shop.cluster.create(CONFIG_MAP, signal);
      await shop.cluster.replace(CONFIG_MAP, signal);
      await shop.cluster.apply(CONFIG_MAP, signal);
      await shop.cluster.patch(REF, 'merge', {}, {}, signal);

      assert.deepEqual(
        shop.requests.map(({ query }) => query['fieldManager']),
        Array(4).fill('fieldtrial'),
      );
    });

    it('gives each patch its content type', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      await shop.cluster.patch(REF, 'strategic', {}, {}, signal);
      await shop.cluster.patch(REF, 'merge', {}, {}, signal);
      await shop.cluster.patch(REF, 'json', [], {}, signal);
      await shop.cluster.apply(CONFIG_MAP, signal);

      assert.deepEqual(
        shop.requests.map(({ method, path, headers }) => [method, path, headers['content-type']]),
        [
          ['PATCH', PATH, 'application/strategic-merge-patch+json'],
          ['PATCH', PATH, 'application/merge-patch+json'],
          ['PATCH', PATH, 'application/json-patch+json'],
          ['PATCH', PATH, 'application/apply-patch+yaml'],
        ],
      );
    });

    it('forces an apply', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      await shop.cluster.apply(CONFIG_MAP, signal);

      assert.equal(shop.requests[0]!.query['force'], 'true');
    });

    it('asks for a dry run of a patch', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      await shop.cluster.patch(REF, 'merge', {}, { dryRun: true }, signal);
      await shop.cluster.patch(REF, 'merge', {}, {}, signal);

      assert.deepEqual(
        shop.requests.map(({ query }) => query['dryRun']),
        ['All', undefined],
      );
    });

    it('sends patches to the letter', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));
      const patch = { spec: { containers: [{ name: 'app', $patch: 'delete' }], $setElementOrder: [], unknown: null } };

      await shop.cluster.patch(REF, 'strategic', patch, {}, signal);

      assert.deepEqual(shop.requests[0]!.body, patch);
    });

    it('removes by uid, in the background unless told otherwise', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      await shop.cluster.remove(REF, { uid: 'u1' }, signal);
      await shop.cluster.remove(REF, { propagation: 'Foreground' }, signal);

      const [first, second] = shop.requests.map(({ body }) => body);
      assert.deepEqual([first.propagationPolicy, first.preconditions], ['Background', { uid: 'u1' }]);
      assert.deepEqual([second.propagationPolicy, second.preconditions], ['Foreground', undefined]);
    });

    it('reads a log as text', async () => {
      await using shop = await start((_, response) => response.end('one\ntwo\n'));

      const log = await shop.cluster.log(
        { namespace: 'shop', name: 'load-1' },
        { container: 'load', tailLines: 2, limitBytes: 99 },
        signal,
      );

      assert.equal(log, 'one\ntwo\n');
      assert.equal(shop.requests[0]!.path, '/api/v1/namespaces/shop/pods/load-1/log');
      assert.deepEqual(shop.requests[0]!.query, { container: 'load', tailLines: '2', limitBytes: '99' });
    });

    it('says of the items of a list what they are', async () => {
      const { metadata, data } = CONFIG_MAP;
      await using shop = await start((_, response) =>
        sendJson(response, { metadata: { resourceVersion: '7' }, items: [{ metadata, data }] }),
      );

      const listed = await shop.cluster.list(
        { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', labelSelector: 'a in (b,c)' },
        signal,
      );

      assert.deepEqual(listed, { items: [CONFIG_MAP], resourceVersion: '7' });
      assert.equal(shop.requests[0]!.query['labelSelector'], 'a in (b,c)');
    });

    it('keeps its connections for calls that follow each other', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      // A second one, because undici frees the first only after the answer was read.
      for (let call = 0; call < 20; call += 1) await shop.cluster.read(REF, signal);

      assert.ok(shop.connections() <= 2, `${shop.connections()} connections`);
    });

    it('keeps them after a removal as well', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      for (let call = 0; call < 20; call += 1) await shop.cluster.remove(REF, { uid: 'any' }, signal);

      assert.ok(shop.connections() <= 2, `${shop.connections()} connections`);
    });

    it('breaks none of them when a watch ends', async () => {
      const ports = new Set<number | undefined>();
      await using shop = await start(({ query }, response) => {
        if (query['watch'] !== undefined) return sendEvent(response, 'ADDED', CONFIG_MAP);
        ports.add(response.socket?.remotePort);
        sendJson(response, CONFIG_MAP);
      });

      for (let call = 0; call < 20; call += 1) {
        await shop.cluster.read(REF, signal);
        await shop.cluster.read(REF, signal);
        const watch = shop.cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' }, signal)[Symbol.asyncIterator]();
        await watch.next();
        await watch.return?.();
      }

      assert.ok(ports.size <= 2, `${ports.size} connections`);
    });

    it('counts every exchange', async () => {
      const measures: RequestMeasure[] = [];
      await using shop = await start(
        (_, response, nth) => (nth === 0 ? sendStatus(response, 503, 'ServiceUnavailable') : sendJson(response, CONFIG_MAP)),
        { onRequest: (measure) => measures.push(measure) },
      );

      await shop.cluster.patch(REF, 'merge', {}, {}, signal);

      assert.deepEqual(
        measures.map(({ verb, resource, status }) => ({ verb, resource, status })),
        [
          { verb: 'patch', resource: 'configmaps', status: 503 },
          { verb: 'patch', resource: 'configmaps', status: 200 },
        ],
      );
    });

    it('discovers a kind once', async () => {
      const rollouts = [{ name: 'rollouts', kind: 'Rollout', namespaced: true }];
      await using shop = await start(({ path }, response) =>
        sendJson(response, path === '/apis/argoproj.io/v1alpha1' ? { resources: rollouts } : CONFIG_MAP),
      );
      const ref = { ...REF, apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' };

      await shop.cluster.read(ref, signal);
      await shop.cluster.read(ref, signal);

      const path = '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/sizes';
      assert.deepEqual(
        shop.requests.map((request) => request.path),
        ['/apis/argoproj.io/v1alpha1', path, path],
      );
    });

    it('refuses a name that would leave its place in the path', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP));

      await assert.rejects(shop.cluster.remove({ ...REF, name: '..' }, {}, signal), hasStatus(400, 'BadRequest'));

      assert.equal(shop.requests.length, 0);
    });
  });

  describe('refusals', () => {
    it('takes the absence of an object for a value', async () => {
      await using shop = await start((_, response) => sendStatus(response, 404, 'NotFound'));

      assert.equal(await shop.cluster.read(REF, signal), undefined);
      assert.equal(await shop.cluster.remove(REF, {}, signal), false);
    });

    it('tells nothing of what was to be written into a Secret, though the server repeats it', async () => {
      const [password, encoded] = ['rendered-2-secret', Buffer.from('rendered-2-secret').toString('base64')];
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login', namespace: 'shop' }, stringData: { password } };
      const ref = { ...REF, kind: 'Secret', name: 'login' };
      await using shop = await start((_, response) => sendStatus(response, 422, 'Invalid', `${password} (${encoded}) is weak for login`));

      const refusals = await Promise.all(
        [
          shop.cluster.create(secret, signal),
          shop.cluster.apply(secret, signal),
          shop.cluster.patch(ref, 'merge', { data: { password: encoded } }, {}, signal),
          shop.cluster.patch(ref, 'json', [{ op: 'add', path: '/stringData/password', value: password }], { dryRun: true }, signal),
        ].map((asked) => asked.catch((error: unknown) => (error as Error).message)),
      );

      assert.deepEqual(
        refusals,
        ['create', 'apply', 'patch', 'patch'].map((verb) => `${verb} Secret shop/login: *** (***) is weak for login`),
      );
    });

    it('does not take the 404 of a proxy for absence', async () => {
      await using shop = await start((_, response) => response.writeHead(404).end('<html>no such backend</html>'));

      await assert.rejects(shop.cluster.read(REF, signal), { status: 404, message: /no such backend/ });
    });

    it("keeps the server's reason and words", async () => {
      await using shop = await start((_, response) => sendStatus(response, 403, 'Forbidden', 'configmaps "sizes" is forbidden'));

      await assert.rejects(shop.cluster.replace(CONFIG_MAP, signal), {
        name: 'ClusterError',
        status: 403,
        reason: 'Forbidden',
        message: 'update ConfigMap shop/sizes: configmaps "sizes" is forbidden',
      });
    });

    it('tells a conflict from a name that is taken', async () => {
      await using shop = await start(({ method }, response) => sendStatus(response, 409, method === 'PUT' ? 'Conflict' : 'AlreadyExists'));

      await assert.rejects(shop.cluster.replace(CONFIG_MAP, signal), isConflict);
      await assert.rejects(shop.cluster.create(CONFIG_MAP, signal), isAlreadyExists);
    });

    it('is sure that a removed object had another uid', async () => {
      const other: KubeObject = { ...CONFIG_MAP, metadata: { ...CONFIG_MAP.metadata, uid: 'u2' } };
      await using shop = await start(({ method }, response) =>
        method === 'DELETE' ? sendStatus(response, 409, 'Conflict') : sendJson(response, other),
      );

      assert.equal(await shop.cluster.remove(REF, { uid: 'u1' }, signal), false);
      await assert.rejects(shop.cluster.remove(REF, { uid: 'u2' }, signal), isConflict);
    });

    it('says that somebody else answers', async () => {
      await using shop = await start((_, response) => response.end('<html>Log in</html>'));

      await assert.rejects(shop.cluster.read(REF, signal), {
        reason: 'InvalidAnswer',
        message: /is it a Kubernetes API server\?/,
      });
    });
  });

  describe('transient failures', () => {
    it('waits as long as a throttling server asks for', async () => {
      const clock = turnedClock();
      await using shop = await start(
        (_, response, nth) =>
          nth === 0 ? sendStatus(response, 429, 'TooManyRequests', 'slow down', { 'retry-after': '7' }) : sendJson(response, CONFIG_MAP),
        { clock },
      );

      const found = await shop.cluster.read(REF, signal);

      assert.deepEqual(found, CONFIG_MAP);
      assert.deepEqual(clock.waits, [7_000]);
    });

    for (const status of [429, 502, 503, 504]) {
      it(`tries a write again after ${status}`, async () => {
        await using shop = await start((_, response, nth) =>
          nth < 2 ? sendStatus(response, status, 'Away') : sendJson(response, CONFIG_MAP),
        );

        const created = await shop.cluster.create(CONFIG_MAP, signal);

        assert.deepEqual(created, CONFIG_MAP);
      });
    }

    it('tries a read again after 500, but no create', async () => {
      await using shop = await start(({ method }, response, nth) =>
        method === 'GET' && nth > 0 ? sendJson(response, CONFIG_MAP) : sendStatus(response, 500, 'InternalError'),
      );

      assert.deepEqual(await shop.cluster.read(REF, signal), CONFIG_MAP);
      await assert.rejects(shop.cluster.create(CONFIG_MAP, signal), hasStatus(500, 'InternalError'));
      assert.equal(shop.requests.length, 3);
    });

    it('tries a replace again after 500, as after a change of etcd leaders', async () => {
      await using shop = await start((_, response, nth) =>
        nth === 0 ? sendStatus(response, 500, 'InternalError') : sendJson(response, CONFIG_MAP),
      );

      assert.deepEqual(await shop.cluster.replace(CONFIG_MAP, signal), CONFIG_MAP);
    });

    it('sends a patch three times at most', async () => {
      await using shop = await start((_, response) => sendStatus(response, 503, 'ServiceUnavailable'));

      await assert.rejects(shop.cluster.patch(REF, 'strategic', {}, {}, signal), hasStatus(503, 'ServiceUnavailable'));

      assert.equal(shop.requests.length, 3);
    });

    it('sends a patch again after a conflict, unless it asks for one version', async () => {
      await using shop = await start((_, response, nth) =>
        nth === 1 ? sendJson(response, CONFIG_MAP) : sendStatus(response, 409, 'Conflict'),
      );

      await shop.cluster.patch(REF, 'merge', { data: {} }, {}, signal);
      await assert.rejects(shop.cluster.patch(REF, 'merge', { metadata: { resourceVersion: '1' } }, {}, signal), isConflict);

      assert.equal(shop.requests.length, 3);
    });

    it('goes on over a new connection when the server closes one', async () => {
      await using shop = await start((_, response) => sendJson(response, CONFIG_MAP, 200, { connection: 'close' }));

      await shop.cluster.read(REF, signal);
      await shop.cluster.read(REF, signal);

      assert.equal(shop.connections(), 2);
    });

    it('asks again when the connection breaks before the answer', async () => {
      await using shop = await start((_, response, nth) => (nth === 0 ? hangUp(response) : sendJson(response, CONFIG_MAP)));

      assert.deepEqual(await shop.cluster.read(REF, signal), CONFIG_MAP);
    });

    it('asks again when the connection breaks within the answer', async () => {
      await using shop = await start((_, response, nth) => {
        if (nth > 0) return sendJson(response, CONFIG_MAP);
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"apiVersion":', () => hangUp(response));
      });

      assert.deepEqual(await shop.cluster.read(REF, signal), CONFIG_MAP);
    });

    it('does not wait for ever for a silent server', async () => {
      await using shop = await start(
        (_, response, nth) => {
          if (nth > 0) sendJson(response, CONFIG_MAP);
        },
        { timeout: 50 },
      );

      assert.deepEqual(await shop.cluster.read(REF, signal), CONFIG_MAP);
      assert.equal(shop.requests.length, 2);
    });

    it('gives up when the budget is spent', async () => {
      const server = await startServer(() => undefined);
      await server[Symbol.asyncDispose]();
      const clock = turnedClock();
      const { cluster, close } = connectServer(server.url, { clock, retryBudget: 20_000 });

      await assert.rejects(cluster.read(REF, signal), {
        name: 'ClusterError',
        status: 0,
        reason: 'Unreachable',
        message: /^get ConfigMap shop\/sizes: no answer from the API server: .*ECONNREFUSED/,
      });

      await close();
      assert.ok(clock.now().getTime() > 10_000 && clock.now().getTime() <= 20_000);
    });

    it('takes the effect of its own lost replace for success', async () => {
      let stored: KubeObject = { ...CONFIG_MAP, metadata: { ...CONFIG_MAP.metadata, resourceVersion: '1' } };
      await using shop = await start(({ method, body }, response, nth) => {
        if (method === 'GET') return sendJson(response, stored);
        if (nth > 0) return sendStatus(response, 409, 'Conflict');
        stored = { ...body, metadata: { ...body.metadata, resourceVersion: '2' } };
        hangUp(response);
      });

      const replaced = await shop.cluster.replace({ ...stored, data: { size: '8' } }, signal);

      assert.equal(replaced.metadata.resourceVersion, '2');
      assert.deepEqual(replaced.data, { size: '8' });
    });

    it('does not take the replace of somebody else for its own', async () => {
      const others = { ...CONFIG_MAP, data: { size: '16' } };
      await using shop = await start(({ method }, response, nth) => {
        if (method === 'GET') return sendJson(response, others);
        if (nth > 0) return sendStatus(response, 409, 'Conflict');
        hangUp(response);
      });

      await assert.rejects(shop.cluster.replace({ ...CONFIG_MAP, data: { size: '8' } }, signal), isConflict);
    });

    it('takes the object of its own lost create for created', async () => {
      await using shop = await start(({ method }, response, nth) => {
        if (method === 'GET') return sendJson(response, { ...CONFIG_MAP, metadata: { ...CONFIG_MAP.metadata, uid: 'u1' } });
        if (nth > 0) return sendStatus(response, 409, 'AlreadyExists');
        hangUp(response);
      });

      const created = await shop.cluster.create(CONFIG_MAP, signal);

      assert.equal(created.metadata.uid, 'u1');
    });

    it('repeats nothing that must not happen twice', async () => {
      await using shop = await start((_, response) => hangUp(response));
      const generated = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { generateName: 'sizes-', namespace: 'shop' },
      };

      await assert.rejects(shop.cluster.create(generated, signal), hasStatus(0, 'Unreachable'));
      await assert.rejects(shop.cluster.patch(REF, 'json', [], {}, signal), hasStatus(0, 'Unreachable'));

      assert.equal(shop.requests.length, 2);
    });
  });

  describe('the signal', () => {
    it('ends a request that waits for its answer', async () => {
      const stop = new AbortController();
      await using shop = await start(() => stop.abort(new Error('enough')));

      await assert.rejects(shop.cluster.read(REF, stop.signal), { message: 'enough' });
    });

    it('ends the wait before the next try', async () => {
      const stop = new AbortController();
      await using shop = await start((_, response) => sendStatus(response, 503, 'ServiceUnavailable'), {
        clock: { now: () => new Date(0), sleep: async () => stop.abort(new Error('enough')) },
      });

      await assert.rejects(shop.cluster.read(REF, stop.signal), { message: 'enough' });
    });

    it('ends a watch', async () => {
      const stop = new AbortController();
      await using shop = await start((_, response) => sendEvent(response, 'ADDED', CONFIG_MAP));
      const events = watch(shop, stop.signal);
      await events.next();

      const next = events.next();
      stop.abort(new Error('enough'));

      await assert.rejects(next, { message: 'enough' });
    });
  });

  describe('watch', () => {
    it('begins where it is told to, with bookmarks', async () => {
      await using shop = await start((_, response) => response.end());

      const events = shop.cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', resourceVersion: '7' }, signal);
      for await (const event of events) assert.fail(event.type);

      const { resourceVersion, watch: watching, allowWatchBookmarks } = shop.requests[0]!.query;
      assert.deepEqual(
        { resourceVersion, watching, allowWatchBookmarks },
        { resourceVersion: '7', watching: 'true', allowWatchBookmarks: 'true' },
      );
    });

    it('reads events, however their bytes arrive', async () => {
      const line = `${JSON.stringify({ type: 'ADDED', object: { ...CONFIG_MAP, data: { size: 'groß' } } })}\n`;
      const bytes = Buffer.from(line.repeat(2));
      const middle = bytes.indexOf('ß') + 1;
      await using shop = await start((_, response) => {
        response.write(bytes.subarray(0, middle), () => setImmediate(() => response.end(bytes.subarray(middle))));
      });

      const sizes: string[] = [];
      for await (const event of shop.cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap' }, signal)) {
        if (event.type !== 'BOOKMARK') sizes.push(event.object.data.size);
      }

      assert.deepEqual(sizes, ['groß', 'groß']);
    });

    it('gives a bookmark its version', async () => {
      await using shop = await start((_, response) =>
        sendEvent(response, 'BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '9' } }),
      );
      const events = watch(shop, signal);

      const { value } = await events.next();

      assert.deepEqual(value, { type: 'BOOKMARK', resourceVersion: '9' });
    });

    it('throws the error that the server sends as an event', async () => {
      await using shop = await start((_, response) =>
        sendEvent(response, 'ERROR', { code: 410, reason: 'Expired', message: 'too old resource version' }),
      );

      await assert.rejects(watch(shop, signal).next(), hasStatus(410, 'Expired'));
    });

    it('says that its connection broke', async () => {
      await using shop = await start((_, response) => {
        sendEvent(response, 'ADDED', CONFIG_MAP);
        response.write('{"type":"MODIF', () => hangUp(response));
      });
      const events = watch(shop, signal);
      await events.next();

      await assert.rejects(events.next(), hasStatus(0, 'Unreachable'));
    });

    it('closes its connection when nobody looks any more', async () => {
      const closed = Promise.withResolvers<void>();
      await using shop = await start((_, response) => {
        response.on('close', () => closed.resolve());
        sendEvent(response, 'ADDED', CONFIG_MAP);
      });

      for await (const _ of shop.cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap' }, signal)) break;

      await closed.promise;
    });
  });
});

async function start(answer: Answer, options: Parameters<typeof connectServer>[1] = {}) {
  const server = await startServer(answer);
  const { cluster, close } = connectServer(server.url, { clock: turnedClock(), ...options });
  return {
    ...server,
    cluster,
    async [Symbol.asyncDispose]() {
      await close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function watch({ cluster }: Awaited<ReturnType<typeof start>>, until: AbortSignal) {
  return cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' }, until)[Symbol.asyncIterator]();
}

function hasStatus(status: number, reason: string) {
  return (error: unknown) => error instanceof ClusterError && error.status === status && error.reason === reason;
}
