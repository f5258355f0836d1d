import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { OPEN_ACCESS, type MetricAccess } from '../../../runner/metrics/access/metric-access.ts';
import type { DatadogMetric } from '../../../runner/model/experiment.ts';
import { accessWith } from '../../support/metric-access.ts';
import { asking, COMPLETION } from './asking.ts';
import { serve, type Response, type TestServer } from './serve.ts';

const KEYS = { datadog: { apiKey: 'the-api-key', appKey: 'the-app-key' }, newrelic: {} };

/** As docs.datadoghq.com/api/latest/metrics shows the answer of "Query timeseries points". */
const aSeries = (...values: (number | null)[]) => ({
  aggr: 'avg',
  display_name: 'system.cpu.user',
  end: 1772359239000,
  expression: 'avg:system.cpu.user{namespace:shop}',
  interval: 10,
  length: values.length,
  metric: 'system.cpu.user',
  pointlist: values.map((value, index) => [1772359200000 + index * 10_000, value]),
  scope: 'namespace:shop',
  start: 1772359200000,
  tag_set: [],
});
const series = (...all: ReturnType<typeof aSeries>[]): Response => ({
  body: {
    error: '',
    from_date: 1772359200000,
    group_by: [],
    message: '',
    query: 'avg:system.cpu.user{namespace:shop}',
    res_type: 'time_series',
    resp_version: 1,
    series: all,
    status: 'ok',
    to_date: 1772359230000,
  },
});

describe('a metric of type datadog', () => {
  let server: TestServer;

  afterEach(() => server.close());

  async function answering(...answers: Response[]): Promise<void> {
    server = await serve(() => (answers.length > 1 ? answers.shift()! : answers[0]!));
  }

  const installation = (): MetricAccess => accessWith(server.host, { plainHttp: true, apiKeys: 'datadog' }, KEYS);

  const aDatadogMetric = (fields: Partial<DatadogMetric> = {}): DatadogMetric => ({
    type: 'datadog',
    name: 'cpu',
    minimize: true,
    optimize: true,
    url: server.url,
    query: 'avg:system.cpu.user{namespace:{{trial.namespace}} }',
    aggregator: 'avg',
    delay: 0,
    ...fields,
  });

  const measured = (fields?: Partial<DatadogMetric>, options?: { patience: number }) =>
    asking(aDatadogMetric(fields), installation(), options);

  it("is the average of its series' points over the trial's window", async () => {
    await answering(series(aSeries(1, null, 3)));

    const value = await measured().value;

    assert.equal(value.value, 2);
    assert.equal(value.query, 'avg:system.cpu.user{namespace:shop}');
    assert.equal(value.time, COMPLETION);
    assert.match(value.raw, /^\{"error":"","from_date":1772359200000/);
    const [request] = server.requests;
    assert.equal(request?.path, '/api/v1/query');
    assert.deepEqual(Object.fromEntries(request.query), { from: '1772359200', to: '1772359230', query: value.query });
    assert.deepEqual([request?.headers['dd-api-key'], request?.headers['dd-application-key']], ['the-api-key', 'the-app-key']);
  });

  it('is asked once the last points had time to arrive', async () => {
    await answering(series(aSeries(1)));

    const { value, told, slept } = measured({ delay: 5_000 });

    await value;
    assert.deepEqual(slept, [2_000, 2_000, 2_000]);
    assert.equal(told[0], 'metric cpu: the last samples are waited for until 2026-03-01T10:00:35.000Z');
  });

  it('is asked again after as long as the rate limit says', async () => {
    const limit = { 'X-RateLimit-Limit': '300', 'X-RateLimit-Period': '3600', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '9' };
    await answering(
      { status: 429, headers: limit, body: { errors: ['Rate limit of 300 requests in 3600 seconds reached.'] } },
      series(aSeries(4)),
    );

    const { value, told, slept } = measured();

    assert.equal((await value).value, 4);
    assert.deepEqual(slept, [9_000]);
    assert.deepEqual(told, [`metric cpu: ${server.host} answered 429: Rate limit of 300 requests in 3600 seconds reached.`]);
  });

  it('is asked again after an outage and a cut answer', async () => {
    await answering({ status: 502, body: '' }, 'cut', 'reset', series(aSeries(4)));

    assert.equal((await measured().value).value, 4);
    assert.equal(server.requests.length, 4);
  });

  it('is transiently unavailable when Datadog stays away', async () => {
    await answering({ status: 503, body: '' });

    await assert.rejects(measured({}, { patience: 2 }).value, { message: `${server.host} answered 503`, transient: true });
  });

  const unavailable: [what: string, answer: Response, message: RegExp][] = [
    ['without series', series(), /^no data$/],
    ['without points', series(aSeries(null, null)), /^no points$/],
    ['for several series', series(aSeries(1), aSeries(2)), /^2 series where one is needed; /],
    ['for refused keys', { status: 403, body: { errors: ['Forbidden'] } }, / answered 403: Forbidden$/],
    [
      'for a query that is none',
      { status: 400, body: { errors: ['Error parsing query: unable to parse'] } },
      / answered 400: Error parsing query/,
    ],
    ['for an error inside a success', { body: { status: 'error', error: 'unknown function' } }, /^unknown function$/],
    ['for another program', { body: {} }, /^the answer has no series; is this the API of Datadog\?$/],
  ];
  for (const [what, answer, message] of unavailable) {
    it(`is unavailable ${what}`, async () => {
      await answering(answer);

      await assert.rejects(measured().value, { name: 'MetricUnavailable', metric: 'cpu', message, transient: false });
      assert.equal(server.requests.length, 1);
    });
  }

  it('is unavailable without keys, by the names of the variables', async () => {
    await answering(series(aSeries(1)));
    const access = { ...installation(), keys: OPEN_ACCESS.keys };

    await assert.rejects(asking(aDatadogMetric(), access).value, {
      message:
        "DD_API_KEY is not set in the runner's environment (nor DATADOG_API_KEY or FIELDTRIAL_DATADOG_API_KEY); " +
        "DD_APP_KEY is not set in the runner's environment (nor DATADOG_APP_KEY or FIELDTRIAL_DATADOG_APP_KEY)",
    });
  });

  it('sends its keys to no host that the repository alone names', async () => {
    await answering(series(aSeries(1)));

    await assert.rejects(asking(aDatadogMetric(), { ...OPEN_ACCESS, keys: KEYS }).value, {
      message: /^the keys of datadog are sent to its own hosts/,
    });
    assert.deepEqual(server.requests, []);
  });

  it('shows its keys nowhere, also when they are repeated', async () => {
    server = await serve(({ headers }) => ({ status: 403, body: { errors: [`bad key ${headers['dd-api-key']}`] } }));

    const error: unknown = await measured().value.catch((reason: unknown) => reason);

    assert.match((error as Error).message, /answered 403: bad key \*\*\*$/);
    assert.ok(!inspect(error, { depth: Infinity, showHidden: true }).includes('the-api-key'));
  });
});
