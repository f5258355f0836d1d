import assert from 'node:assert/strict';
import { OPEN_ACCESS } from '../../../runner/metrics/access/metric-access.ts';
import type { JsonPathMetric } from '../../../runner/model/experiment.ts';
import { asking, COMPLETION } from './asking.ts';
import { serve, type Response, type TestServer } from './serve.ts';

/** As Locust's /stats/requests answers. */
const STATS = {
  current_response_time_percentile_95: 5,
  total_rps: '12.5',
  stats: [
    { name: '/a', num_requests: 10 },
    { name: '/b', num_requests: 20 },
  ],
};

describe('a metric of type jsonpath', () => {
  let server: TestServer;

  afterEach(() => server.close());

  /** A server that answers in turn, the last answer again and again. */
  async function answering(...answers: Response[]): Promise<void> {
    server = await serve(() => (answers.length > 1 ? answers.shift()! : answers[0]!));
  }

  const aJsonPathMetric = (query: string, fields: Partial<JsonPathMetric> = {}): JsonPathMetric => ({
    type: 'jsonpath',
    name: 'rps',
    minimize: false,
    optimize: true,
    url: `${server.url}/stats/requests`,
    query,
    ...fields,
  });

  const measured = (query: string, fields?: Partial<JsonPathMetric>, options?: Parameters<typeof asking>[2]) =>
    asking(aJsonPathMetric(query, fields), OPEN_ACCESS, options);

  it('is the one match in the document', async () => {
    await answering({ body: STATS });

    const value = await measured('{.current_response_time_percentile_95}').value;

    assert.deepEqual(value, {
      name: 'rps',
      value: 5,
      type: 'jsonpath',
      query: '{.current_response_time_percentile_95}',
      raw: JSON.stringify(STATS),
      time: COMPLETION,
    });
  });

  it('is found at the Service that its target selects', async () => {
    await answering({ body: STATS });
    const { hostname, port } = new URL(server.url);
    const service = { metadata: { name: 'locust', namespace: 'shop' }, spec: { ports: [{ name: 'web', port: Number(port) }] } };
    const cluster = { list: async () => ({ items: [service], resourceVersion: '1' }) } as never;
    const target = { apiVersion: 'v1', kind: 'ServiceList', matchLabels: { app: 'locust' } };

    // A name of the cluster leads nowhere here, so that the port alone is taken from the Service.
    const url = `http://${hostname}:{{lookup (split (serviceAddress target "web") ":") 1}}/stats`;
    const { value } = await measured('{.total_rps}', { url, target }, { cluster }).value;

    assert.equal(value, 12.5);
  });

  it('may be the text of a number', async () => {
    await answering({ body: STATS });

    assert.equal((await measured('{.total_rps}').value).value, 12.5);
  });

  it('may be looked for in a list', async () => {
    await answering({ body: STATS });

    assert.equal((await measured('{.stats[?(@.name=="/b")].num_requests}').value).value, 20);
  });

  it('renders URL and query', async () => {
    await answering({ body: { 'sizing-007': 7 } });

    const { value, query } = await measured('{["{{trial.name}}"]}', { url: `${server.url}/{{trial.namespace}}?n={{trial.number}}` }).value;

    assert.deepEqual([value, query], [7, '{["sizing-007"]}']);
    assert.deepEqual(
      server.requests.map(({ path, query: parameters, headers }) => [path, parameters.get('n'), headers.accept]),
      [['/shop', '7', 'application/json']],
    );
  });

  it('is asked again while the server is away', async () => {
    await answering('reset', 'cut', { status: 503, body: { message: 'starting' } }, { body: STATS });

    const { value, told, slept } = measured('{.total_rps}');

    assert.equal((await value).value, 12.5);
    assert.deepEqual(slept, [1_000, 2_000, 4_000]);
    assert.equal(told[0], `metric rps: ${server.host} cannot be asked: ECONNRESET`);
    assert.equal(told[2], `metric rps: ${server.host} answered 503: starting`);
  });

  it('is asked again when the server wants it', async () => {
    await answering({ status: 429, headers: { 'Retry-After': '20' }, body: '' }, { body: STATS });

    const { value, slept } = measured('{.total_rps}');

    assert.equal((await value).value, 12.5);
    assert.deepEqual(slept, [20_000]);
  });

  it('is transiently unavailable when the server stays away', async () => {
    await answering({ status: 500, body: '' });

    await assert.rejects(measured('{.a}', {}, { patience: 3 }).value, {
      name: 'MetricUnavailable',
      message: `${server.host} answered 500`,
      transient: true,
    });
  });

  const unavailable: [what: string, query: string, answer: Response, message: RegExp][] = [
    ['without a match', '{.nothing}', { body: STATS }, /^no match$/],
    ['for several matches', '{.stats[*].num_requests}', { body: STATS }, /^2 matches where one is needed$/],
    ['for a list', '{.stats}', { body: STATS }, /^the match is a list, which is not a finite decimal number$/],
    ['for a text', '{.stats[0].name}', { body: STATS }, /^the match "\/a" is not a finite decimal number$/],
    ['for true', '{.ok}', { body: { ok: true } }, /^the match true is not a finite/],
    ['for null', '{.ok}', { body: { ok: null } }, /^the match null is not a finite/],
    ['for NaN', '{.ok}', { body: { ok: 'NaN' } }, /^the match "NaN" is not a finite/],
    [
      'for a document that nests too deeply',
      '{..a}',
      { body: `${'['.repeat(9_000)}${']'.repeat(9_000)}` },
      /^the document nests too deeply/,
    ],
    ['for what is no JSON', '{.a}', { body: '<html>' }, / does not answer with JSON$/],
    ['for a document that is not there', '{.a}', { status: 404, body: { error: 'no such page' } }, / answered 404: no such page$/],
    ['for a refused login', '{.a}', { status: 403, body: 'go away' }, / answered 403$/],
    ['for no content', '{.a}', { status: 204, body: '' }, / answered 204$/],
    ['for a document that was created', '{.a}', { status: 201, body: { a: 1 } }, / answered 201$/],
  ];
  for (const [what, query, answer, message] of unavailable) {
    it(`is unavailable ${what}`, async () => {
      await answering(answer);

      await assert.rejects(measured(query).value, { name: 'MetricUnavailable', metric: 'rps', query, message, transient: false });
      assert.equal(server.requests.length, 1);
    });
  }

  it('is unavailable when what it renders to is no JSONPath', async () => {
    await answering({ body: STATS });

    await assert.rejects(measured('{.{{trial.name}}').value, { message: /^"\{\.sizing-007" is not a JSONPath; / });
    assert.equal(server.requests.length, 0);
  });

  it('is refused where the installation names other hosts', async () => {
    await answering({ body: STATS });
    const access = { ...OPEN_ACCESS, hosts: ['load.shop'] };

    await assert.rejects(asking(aJsonPathMetric('{.total_rps}'), access).value, {
      message: `this installation does not let metrics ask ${server.host}; it allows load.shop`,
    });
    assert.equal(server.requests.length, 0);
  });
});
