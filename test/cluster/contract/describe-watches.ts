import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { customDefinition } from './custom-definition.ts';
import type { RawApi } from './raw-api.ts';
import { freshNamespace } from './record-answers.ts';

export type WatchTraits = {
  /** Seconds of a watch in which its bookmarks are sent: an API server sends one two seconds before the end. */
  seconds: number;
};

/** What is told of a watch beyond what the port of the product asks for, as tests that every API server has to pass. */
export function describeWatches(name: string, connect: () => Promise<RawApi>, { seconds }: WatchTraits): void {
  describe(`the watches of ${name}`, function () {
    this.timeout(30_000);
    let api: RawApi;
    let namespace: string;

    before(async () => {
      api = await connect();
    });
    // A test that is tried again finds nothing of the first try.
    beforeEach(async () => {
      namespace = await freshNamespace(api);
    });
    afterEach(() => api.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` }));
    after(() => api.close());

    const root = () => `/api/v1/namespaces/${namespace}/configmaps`;

    async function createConfigMap(name: string): Promise<any> {
      const { code, body } = await api.send({ method: 'POST', path: root(), body: { metadata: { name, labels: { name } } } });
      assert.equal(code, 201, JSON.stringify(body));
      return body;
    }

    /** All messages until the server ends the watch. */
    async function messages(path: string, query: string): Promise<any[]> {
      const { code, body } = await api.send({ method: 'GET', path: `${path}?watch=true&timeoutSeconds=${seconds}&${query}` });
      assert.equal(code, 200);
      if (typeof body !== 'string') return [body];
      return body
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    }

    it('tell by a bookmark what they have passed over, where bookmarks are allowed', async () => {
      const created = await createConfigMap('bookmark');
      const query = `labelSelector=name%3Dbookmark&resourceVersion=${created.metadata.resourceVersion}`;
      const ended = new AbortController();

      const watches = Promise.all([messages(root(), `${query}&allowWatchBookmarks=true`), messages(root(), query)]).finally(() =>
        ended.abort(),
      );
      // Looked at below, once it is settled.
      watches.catch(() => undefined);
      const passedOver: any[] = [];
      while (!ended.signal.aborted) {
        passedOver.push(await createConfigMap(`passed-over-${passedOver.length}`));
        await sleep(200);
      }
      const [told, untold] = await watches;

      // How many is the server's choice.
      assert.deepEqual([[...new Set(told.map(({ type }) => type))], untold], [['BOOKMARK'], []]);
      const { kind, apiVersion, metadata } = told.at(-1).object;
      assert.deepEqual([kind, apiVersion, metadata.name, metadata.annotations], ['ConfigMap', 'v1', undefined, undefined]);
      assert.ok(Number(metadata.resourceVersion) >= Number(passedOver[0].metadata.resourceVersion));
    });

    it('end the initial events that were asked for with a bookmark that says so', async () => {
      const created = await createConfigMap('initial');
      const query = 'labelSelector=name%3Dinitial&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';

      const [told, untold] = await Promise.all([messages(root(), `${query}&allowWatchBookmarks=true`), messages(root(), query)]);

      const [added, end] = told;
      assert.deepEqual(added, { type: 'ADDED', object: created });
      assert.equal(end.type, 'BOOKMARK');
      assert.deepEqual(end.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
      assert.ok(Number(end.object.metadata.resourceVersion) >= Number(created.metadata.resourceVersion));
      assert.deepEqual(untold, [added]);
    });

    it('begin without what there is where initial events are not wanted', async () => {
      await createConfigMap('none');

      const told = await messages(root(), 'labelSelector=name%3Dnone&sendInitialEvents=false&resourceVersionMatch=NotOlderThan');

      assert.deepEqual(told, []);
    });

    it('are refused initial events from whatever version', async () => {
      const { code, body } = await api.send({ method: 'GET', path: `${root()}?watch=true&sendInitialEvents=true&timeoutSeconds=1` });

      assert.equal(code, 422);
      assert.deepEqual(
        body.details.causes.map(({ field, reason }: any) => [field, reason]),
        [['resourceVersionMatch', 'FieldValueForbidden']],
      );
    });

    it('end at once with 410 Expired where the changes since are no longer remembered', async () => {
      const group = `${namespace}.fieldtrial.test`;
      const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      const definition = `things.${group}`;
      await api.send({ method: 'POST', path: definitions, body: customDefinition(group, { kind: 'Thing', plural: 'things' }) });
      try {
        const things = `/apis/${group}/v1/namespaces/${namespace}/things`;
        await served(api, things);

        // A server remembers the changes of a kind from when it began to serve it, long after the first version of all.
        const told = await messages(things, 'resourceVersion=1');

        assert.deepEqual(
          told.map(({ type, object }) => [type, object.kind, object.code, object.reason]),
          [['ERROR', 'Status', 410, 'Expired']],
        );
        assert.match(told[0].object.message, /^too old resource version: /);
      } finally {
        await api.send({ method: 'DELETE', path: `${definitions}/${definition}` });
      }
    });
  });
}

/** Discovered at once by the sandbox, within a second by an API server. */
async function served(api: RawApi, path: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { code, body } = await api.send({ method: 'GET', path });
    if (code === 200) return;
    if (Date.now() > deadline) assert.fail(`${path} is not served: ${code} ${JSON.stringify(body)}`);
    await sleep(50);
  }
}
