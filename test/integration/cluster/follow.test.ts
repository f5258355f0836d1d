import assert from 'node:assert/strict';

import { systemClock } from '../../../runner/clock.ts';
import { connectServer } from '../../../runner/cluster/connect.ts';
import { follow, type FollowOptions } from '../../../runner/cluster/follow.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { hangUp, sendEvent, sendJson, sendStatus, startServer, type Answer } from './scripted-server.ts';
import { turnedClock } from './turned-clock.ts';

const QUERY = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', labelSelector: 'app=shop' };

describe('follow', () => {
  it('begins with what the watch announces, in one request', async () => {
    await using shop = await start((_, response) => sendEvent(response, 'ADDED', pod('a', '5')));

    const sets = shop.follow();

    assert.deepEqual(await nextNames(sets), ['a']);
    assert.deepEqual(
      shop.requests.map(({ query }) => [query['watch'], query['resourceVersion'], query['labelSelector']]),
      [['true', undefined, 'app=shop']],
    );
  });

  it('takes what arrives together as one change', async () => {
    await using shop = await start((_, response) =>
      sendEvents(response, [
        ['ADDED', pod('a', '5')],
        ['ADDED', pod('b', '6')],
        ['DELETED', pod('a', '7')],
      ]),
    );

    assert.deepEqual(await nextNames(shop.follow()), ['b']);
  });

  it('yields a new map after every change', async () => {
    await using shop = await start(({ query }, response) => {
      if (query['resourceVersion'] === '6') return sendEvent(response, 'DELETED', pod('a', '7'));
      sendEvents(response, [
        ['ADDED', pod('a', '5')],
        ['ADDED', pod('b', '6')],
      ]);
      response.end();
    });
    const sets = shop.follow();

    const first = (await sets.next()).value;
    const second = (await sets.next()).value;

    assert.deepEqual([...first.keys()], ['a', 'b']);
    assert.deepEqual([...second.keys()], ['b']);
  });

  it('resumes where the server ended the watch', async () => {
    await using shop = await start(({ query }, response) => {
      if (query['resourceVersion'] === '9') return sendEvent(response, 'ADDED', pod('b', '10'));
      sendEvents(response, [
        ['ADDED', pod('a', '5')],
        ['BOOKMARK', { metadata: { resourceVersion: '9' } }],
      ]);
      response.end();
    });
    const sets = shop.follow();

    assert.deepEqual(await nextNames(sets), ['a']);
    assert.deepEqual(await nextNames(sets), ['a', 'b']);
  });

  it('resumes after the highest version when objects were announced in another order', async () => {
    await using shop = await start(({ query }, response) => {
      if (query['resourceVersion'] === '10') return sendEvent(response, 'DELETED', pod('a', '11'));
      sendEvents(response, [
        ['ADDED', pod('b', '10')],
        ['ADDED', pod('a', '9')],
      ]);
      response.end();
    });
    const sets = shop.follow();

    assert.deepEqual(await nextNames(sets), ['b', 'a']);
    assert.deepEqual(await nextNames(sets), ['b']);
  });

  it('resumes when the connection breaks', async () => {
    await using shop = await start(({ query }, response) => {
      if (query['resourceVersion'] === '5') return sendEvent(response, 'ADDED', pod('b', '6'));
      response.writeHead(200);
      response.write(`${JSON.stringify({ type: 'ADDED', object: pod('a', '5') })}\n`, () => hangUp(response));
    });
    const sets = shop.follow();

    assert.deepEqual(await nextNames(sets), ['a']);
    assert.deepEqual(await nextNames(sets), ['a', 'b']);
  });

  it('lists again when the version is gone, and drops what was deleted meanwhile', async () => {
    await using shop = await start(({ query }, response) => {
      if (query['watch'] === undefined) return sendList(response, '20', [pod('b', '18')]);
      if (query['resourceVersion'] === '20') return sendEvent(response, 'ADDED', pod('c', '21'));
      if (query['resourceVersion'] === '5') return sendEvent(response, 'ERROR', { code: 410, reason: 'Expired', message: 'too old' });
      sendEvent(response, 'ADDED', pod('a', '5'));
      response.end();
    });
    const sets = shop.follow();

    assert.deepEqual(await nextNames(sets), ['a']);
    assert.deepEqual(await nextNames(sets), ['b']);
    assert.deepEqual(await nextNames(sets), ['b', 'c']);
  });

  it('finds out by a list that a silent watch is frozen', async () => {
    await using shop = await start(
      ({ query }, response) => {
        if (query['watch'] === undefined) return sendList(response, '20', [pod('a', '19')]);
        if (query['resourceVersion'] === '20') return sendEvent(response, 'DELETED', pod('a', '21'));
        sendEvent(response, 'ADDED', pod('a', '5'));
      },
      { pollInterval: 1_000 },
    );
    const sets = shop.follow();

    assert.equal((await sets.next()).value.get('a').metadata.resourceVersion, '5');
    assert.equal((await sets.next()).value.get('a').metadata.resourceVersion, '19');
    assert.deepEqual(await nextNames(sets), []);
  });

  it('keeps a watch that is silent because nothing happens', async () => {
    const polled = Promise.withResolvers<void>();
    await using shop = await start(
      ({ query }, response, nth) => {
        if (query['watch'] === undefined) {
          if (nth === 3) polled.resolve();
          return sendList(response, '20', [pod('a', '5')]);
        }
        sendEvent(response, 'ADDED', pod('a', '5'));
        void polled.promise.then(() => sendEvent(response, 'DELETED', pod('a', '21')));
      },
      { pollInterval: 20 },
    );
    const sets = shop.follow();

    assert.deepEqual(await nextNames(sets), ['a']);
    assert.deepEqual(await nextNames(sets), []);
    assert.equal(shop.requests.filter(({ query }) => query['watch'] === 'true').length, 1);
  });

  it('survives an outage', async () => {
    await using shop = await start(
      ({ query }, response, nth) => {
        if (nth > 0 && nth < 8) return hangUp(response);
        if (query['resourceVersion'] === '5') return sendEvent(response, 'ADDED', pod('b', '6'));
        sendEvent(response, 'ADDED', pod('a', '5'));
        response.end();
      },
      { clock: clockWithSilence() },
    );
    const sets = shop.follow();

    assert.deepEqual(await nextNames(sets), ['a']);
    assert.deepEqual(await nextNames(sets), ['a', 'b']);
  });

  it('pauses before it asks a server again that ends every watch at once', async () => {
    const clock = clockWithSilence();
    await using shop = await start(
      (_, response, nth) => {
        if (nth === 3) return sendEvent(response, 'ADDED', pod('a', '5'));
        response.end();
      },
      { clock },
    );

    await shop.follow().next();

    assert.equal(clock.waits.length, 3);
    assert.ok(clock.waits.every((wait) => wait >= 250));
  });

  it('announces an empty set at once when it begins with a list', async () => {
    await using shop = await start(({ query }, response) => {
      if (query['watch'] === undefined) return sendList(response, '20', []);
      sendEvent(response, 'ADDED', pod('a', query['resourceVersion'] === '20' ? '21' : '5'));
    });
    const sets = shop.follow({ initialList: true });

    assert.deepEqual(await nextNames(sets), []);
    assert.equal((await sets.next()).value.get('a').metadata.resourceVersion, '21');
  });

  it('tells objects of all namespaces apart', async () => {
    await using shop = await start((_, response) => sendEvent(response, 'ADDED', pod('a', '5')));

    const sets = follow(shop.cluster, { apiVersion: 'v1', kind: 'Pod' }, new AbortController().signal);
    const { value } = await sets.next();

    assert.deepEqual([...value!.keys()], ['shop/a']);
  });

  it('ends with the refusal of the server', async () => {
    await using shop = await start((_, response) => sendStatus(response, 403, 'Forbidden'));

    await assert.rejects(shop.follow().next(), { name: 'ClusterError', reason: 'Forbidden' });
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    await using shop = await start((_, response) => sendEvent(response, 'ADDED', pod('a', '5')));
    const sets = follow(shop.cluster, QUERY, stop.signal);
    await sets.next();

    const next = sets.next();
    stop.abort(new Error('enough'));

    await assert.rejects(next, { message: 'enough' });
  });

  it('closes the watch when nobody looks any more', async () => {
    const closed = Promise.withResolvers<void>();
    await using shop = await start((_, response) => {
      response.on('close', () => closed.resolve());
      sendEvent(response, 'ADDED', pod('a', '5'));
    });

    for await (const _ of shop.follow()) break;

    await closed.promise;
  });
});

async function start(answer: Answer, options: FollowOptions = {}) {
  const server = await startServer(answer);
  const { cluster, close } = connectServer(server.url, { clock: turnedClock(), retryBudget: 500 });
  return {
    cluster,
    requests: server.requests,
    follow: (more: FollowOptions = {}): AsyncGenerator<any> =>
      follow(cluster, QUERY, new AbortController().signal, { ...options, ...more }),
    async [Symbol.asyncDispose]() {
      await close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Pauses are over at once; the silence that calls for a list never comes. */
function clockWithSilence() {
  const clock = turnedClock();
  const sleep = (milliseconds: number, signal: AbortSignal) => (milliseconds === 30_000 ? systemClock : clock).sleep(milliseconds, signal);
  return { ...clock, sleep };
}

async function nextNames(sets: AsyncGenerator<ReadonlyMap<string, KubeObject>>): Promise<string[]> {
  const { value } = await sets.next();
  return [...value.keys()];
}

function pod(name: string, resourceVersion: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', resourceVersion } };
}

function sendEvents(response: Parameters<typeof sendEvent>[0], events: [type: string, object: unknown][]): void {
  response.writeHead(200);
  response.write(events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(''));
}

function sendList(response: Parameters<typeof sendJson>[0], resourceVersion: string, items: KubeObject[]): void {
  sendJson(response, { kind: 'PodList', metadata: { resourceVersion }, items });
}
