import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { OPEN_ACCESS, type MetricAccess } from '../../../runner/metrics/access/metric-access.ts';
import type { NewRelicMetric } from '../../../runner/model/experiment.ts';
import { accessWith } from '../../support/metric-access.ts';
import { asking, COMPLETION } from './asking.ts';
import { serve, type Response, type TestServer } from './serve.ts';

const KEYS = { datadog: {}, newrelic: { apiKey: 'NRAK-the-key', accountId: '1234567' } };

/** As docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-nrql-tutorial shows answers. */
const results = (...all: object[]): Response => ({ body: { data: { actor: { account: { nrql: { results: all } } } } } });
const failure = (message: string, errorClass: string): Response => ({
  body: {
    data: { actor: { account: { nrql: null } } },
    errors: [{ locations: [{ column: 5, line: 4 }], message, path: ['actor', 'account', 'nrql'], extensions: { errorClass } }],
  },
});

describe('a metric of type newrelic', () => {
  let server: TestServer;

  afterEach(() => server.close());

  async function answering(...answers: Response[]): Promise<void> {
    server = await serve(() => (answers.length > 1 ? answers.shift()! : answers[0]!));
  }

  const installation = (): MetricAccess => accessWith(server.host, { plainHttp: true, apiKeys: 'newrelic' }, KEYS);

  const aNewRelicMetric = (fields: Partial<NewRelicMetric> = {}): NewRelicMetric => ({
    type: 'newrelic',
    name: 'p95',
    minimize: true,
    optimize: true,
    url: server.url,
    query: "SELECT percentile(duration, 95) FROM Transaction WHERE namespace = '{{trial.namespace}}'",
    delay: 0,
    ...fields,
  });

  const measured = (fields?: Partial<NewRelicMetric>, options?: { patience: number }) =>
    asking(aNewRelicMetric(fields), installation(), options);

  it("is the number of its result over the trial's window", async () => {
    await answering(results({ 'percentile.duration': { 95: 0.231 } }));

    const value = await measured().value;

    const query = "SELECT percentile(duration, 95) FROM Transaction WHERE namespace = 'shop' SINCE 1772359200 UNTIL 1772359230";
    assert.deepEqual(value, {
      name: 'p95',
      value: 0.231,
      type: 'newrelic',
      query,
      raw: '{"data":{"actor":{"account":{"nrql":{"results":[{"percentile.duration":{"95":0.231}}]}}}}}',
      time: COMPLETION,
    });
    const [request] = server.requests;
    assert.deepEqual([request?.method, request?.path, request?.headers['api-key']], ['POST', '/graphql', 'NRAK-the-key']);
    assert.deepEqual(JSON.parse(request?.body ?? '').variables, { account: 1234567, nrql: query });
  });

  it('may be a count beside the times that New Relic adds', async () => {
    await answering(results({ beginTimeSeconds: 1772359200, count: 12, endTimeSeconds: 1772359230 }));

    assert.equal((await measured().value).value, 12);
  });

  it('is asked once the last events had time to arrive', async () => {
    await answering(results({ count: 1 }));

    const { value, slept } = measured({ delay: 3_000 });

    await value;
    assert.deepEqual(slept, [2_000, 2_000]);
  });

  it('is asked again after an outage, a cut answer, a rate limit and a query that timed out', async () => {
    await answering(
      { status: 503, body: '' },
      'cut',
      { status: 429, headers: { 'Retry-After': '30' }, body: { errors: [{ message: 'Too many requests' }] } },
      failure('NRDB:1109 Query timed out', 'TIMEOUT'),
      results({ count: 12 }),
    );

    const { value, slept } = measured();

    assert.equal((await value).value, 12);
    assert.deepEqual(slept, [1_000, 2_000, 30_000, 8_000]);
  });

  const unavailable: [what: string, answer: Response, message: RegExp][] = [
    ['without results', results(), /^no data$/],
    ['for a result without a value', results({ 'average.duration': null }), /^no data$/],
    ['for a result without numbers', results({ latest: 'v1' }), /^no number in the result$/],
    ['for several numbers', results({ count: 1, sum: 2 }), /^2 numbers where one is needed; select one$/],
    ['for facets', results({ facet: 'a', count: 1 }, { facet: 'b', count: 2 }), /^2 results where one is needed; query without FACET/],
    [
      'for a query that is none',
      failure('NRQL Syntax Error: Error at line 1 position 8', 'INVALID_NRQL'),
      /^New Relic refused: NRQL Syntax Error/,
    ],
    ['for a refused key', { status: 401, body: { errors: [{ message: 'Invalid API key' }] } }, / answered 401: Invalid API key$/],
    ['for a refused account', { status: 403, body: '' }, / answered 403$/],
    ['for another program', { body: {} }, /^the answer has no results; is this NerdGraph\?$/],
  ];
  for (const [what, answer, message] of unavailable) {
    it(`is unavailable ${what}`, async () => {
      await answering(answer);

      await assert.rejects(measured().value, { name: 'MetricUnavailable', metric: 'p95', message, transient: false });
      assert.equal(server.requests.length, 1);
    });
  }

  it('is transiently unavailable when New Relic stays away', async () => {
    await answering('reset');

    await assert.rejects(measured({}, { patience: 2 }).value, { message: `${server.host} cannot be asked: ECONNRESET`, transient: true });
  });

  it('is unavailable without its key and account', async () => {
    await answering(results({ count: 1 }));
    const access = { ...installation(), keys: OPEN_ACCESS.keys };

    await assert.rejects(asking(aNewRelicMetric(), access).value, {
      message:
        "NEW_RELIC_API_KEY is not set in the runner's environment (nor FIELDTRIAL_NEW_RELIC_API_KEY); " +
        "NEW_RELIC_ACCOUNT_ID is not set in the runner's environment (nor FIELDTRIAL_NEW_RELIC_ACCOUNT_ID)",
    });
  });

  it('shows its key nowhere, also when it is repeated', async () => {
    server = await serve(({ headers }) => ({ body: { errors: [{ message: `bad key ${headers['api-key']}` }] } }));

    const error: unknown = await measured().value.catch((reason: unknown) => reason);

    assert.equal((error as Error).message, 'New Relic refused: bad key ***');
    assert.ok(!inspect(error, { depth: Infinity, showHidden: true }).includes('NRAK'));
  });
});
