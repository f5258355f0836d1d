import assert from 'node:assert/strict';
import { measure } from '../../../runner/metrics/measure.ts';
import { OPEN_ACCESS } from '../../../runner/metrics/access/metric-access.ts';
import type { MetricDeps } from '../../../runner/metrics/metric-context.ts';
import type { PrometheusMetric } from '../../../runner/model/experiment.ts';
import { aMetricContext } from '../../support/a-metric-context.ts';
import { serve, type Request, type Response, type TestServer } from './serve.ts';

const COMPLETION = '2026-03-01T10:00:30.000Z';
const SCRAPE = '2026-03-01T10:00:40.000Z';

const success = (data: unknown): Response => ({ body: { status: 'success', data } });
const vector = (...values: string[]) =>
  success({ resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [0, value] })) });
const aTarget = (job: string, lastScrape: string, health = 'up') => ({
  labels: { job, instance: 'i' },
  health,
  lastScrape,
  lastError: '',
});
const targets = (...activeTargets: unknown[]) => success({ activeTargets, droppedTargets: [] });
const aService = (name: string, port: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { ports: [{ port }] },
});
const FRESH = targets(aTarget('api', SCRAPE));
const NOT_FOUND: Response = { status: 404, body: '404 page not found' };

describe('a metric of type prometheus', () => {
  let server: TestServer;
  let told: string[];
  let now: number;

  beforeEach(() => {
    told = [];
    now = Date.parse(COMPLETION);
  });

  afterEach(() => server.close());

  /** Sleeping turns the clock on and returns at once. */
  function deps(waiting: (message: string) => void = () => undefined): MetricDeps {
    const clock = {
      now: () => new Date(now),
      sleep: async (milliseconds: number, signal: AbortSignal) => {
        signal.throwIfAborted();
        now += milliseconds;
      },
    };
    const tell = (message: string) => {
      told.push(message);
      waiting(message);
    };
    return { cluster: {} as MetricDeps['cluster'], clock, access: OPEN_ACCESS, waiting: tell };
  }

  /** A server that answers the targets and the queries in turn, the last answer again and again. */
  async function prometheus(answers: { targets?: Response[]; queries: Response[] }): Promise<void> {
    const queues: Record<string, Response[]> = {
      '/api/v1/targets': [...(answers.targets ?? [FRESH])],
      '/api/v1/query': [...answers.queries],
    };
    server = await serve(({ path }) => {
      const queue = queues[path] ?? [NOT_FOUND];
      return queue.length > 1 ? queue.shift()! : queue[0]!;
    });
  }

  const aPrometheusMetric = (fields: Partial<PrometheusMetric> = {}): PrometheusMetric => ({
    type: 'prometheus',
    name: 'p95',
    minimize: true,
    optimize: true,
    url: server.url,
    query: 'latency{job="api"}',
    scrapeCheck: { by: 'targets' },
    ...fields,
  });

  const measured = (fields: Partial<PrometheusMetric> = {}, using = deps(), signal = new AbortController().signal) =>
    measure(aPrometheusMetric(fields), aMetricContext(), using, signal);

  const asked = (path: string) =>
    server.requests.filter((request: Request) => request.path.endsWith(path)).map(({ query }) => Object.fromEntries(query));

  it('is the value of its rendered query at completion', async () => {
    await prometheus({ queries: [vector('0.25')] });

    const value = await measured({ query: 'max_over_time(latency{namespace="{{trial.namespace}}"}[{{range}}])' });

    const query = 'max_over_time(latency{namespace="shop"}[30s])';
    assert.deepEqual(value, {
      name: 'p95',
      value: 0.25,
      type: 'prometheus',
      query,
      raw: '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[0,"0.25"]}]}}',
      time: COMPLETION,
    });
    assert.deepEqual(asked('/query'), [{ query, time: COMPLETION }]);
    assert.deepEqual(asked('/targets'), [{ state: 'active' }]);
  });

  it('renders the URL and keeps the path before the API', async () => {
    server = await serve(({ path }) =>
      path === '/shop/prom/api/v1/query' ? vector('1') : path === '/shop/prom/api/v1/targets' ? FRESH : NOT_FOUND,
    );

    const { value } = await measured({ url: `${server.url}/{{trial.namespace}}/prom/` });

    assert.equal(value, 1);
  });

  it('asks the Service that its target selects', async () => {
    await prometheus({ queries: [vector('1')] });
    const { hostname, port } = new URL(server.url);
    const services = [aService('web', 9090), aService('api', Number(port))];
    const cluster = { list: async () => ({ items: services, resourceVersion: '1' }) } as unknown as MetricDeps['cluster'];
    const target = { apiVersion: 'v1', kind: 'ServiceList', matchLabels: { app: 'prometheus' } };

    // A name of the cluster leads nowhere here, so that the port alone is taken from the Service.
    const { value } = await measured(
      { url: `http://${hostname}:{{lookup (split (serviceAddress target) ":") 1}}`, target },
      { ...deps(), cluster },
    );

    assert.equal(value, 1);
  });

  it('takes a server that answers everything with a scalar', async () => {
    server = await serve(() => success({ resultType: 'scalar', result: [1_700_000_000, '1'] }));

    const { value } = await measured({ query: 'scalar(up)' });

    assert.equal(value, 1);
  });

  describe('before it asks', () => {
    it('waits for the final scrape of the target that matters, and ignores others that are down', async () => {
      const other = aTarget('other', COMPLETION, 'down');
      await prometheus({
        targets: [targets(other, aTarget('api', COMPLETION)), targets(other, aTarget('api', SCRAPE))],
        queries: [vector('1')],
      });

      await measured();

      assert.deepEqual(told, ['metric p95: no scrape since the trial ended of api i']);
      assert.equal(asked('/targets').length, 2);
    });

    it('retries while the server is restarting', async () => {
      const down: Response = { status: 503, body: { status: 'error', errorType: 'unavailable', error: 'starting up' } };
      await prometheus({ targets: ['reset', down, FRESH], queries: [down, vector('1')] });

      const { value } = await measured();

      const { host } = new URL(server.url);
      assert.equal(value, 1);
      assert.deepEqual(told, [
        `metric p95: ${host} cannot be asked: ECONNRESET`,
        `metric p95: ${host} answered 503: starting up`,
        `metric p95: ${host} answered 503: starting up`,
      ]);
    });

    for (const [what, answer] of [
      ['has no targets API', NOT_FOUND],
      ['scrapes nothing itself', targets()],
    ] as const) {
      it(`looks at the samples of the query's series where the server ${what}`, async () => {
        const stale = vector(String(Date.parse(COMPLETION) / 1000 - 5));
        const fresh = vector(String(Date.parse(SCRAPE) / 1000));
        await prometheus({ targets: [answer], queries: [stale, fresh, vector('1')] });

        const { value } = await measured();

        assert.equal(value, 1);
        assert.deepEqual(told, ['metric p95: no sample since the trial ended of latency{job="api"}']);
        assert.deepEqual(asked('/query').at(0), { query: 'max(timestamp(latency{job="api"}))' });
      });
    }

    it('looks at the samples when told so', async () => {
      await prometheus({ queries: [vector(String(Date.parse(SCRAPE) / 1000)), vector('1')] });

      await measured({ scrapeCheck: { by: 'samples' } });

      assert.deepEqual(asked('/targets'), []);
    });

    it('waits as long after completion as it is told', async () => {
      await prometheus({ queries: [vector('1')] });

      await measured({ scrapeCheck: { by: 'delay', delay: 10_000 } });

      assert.equal(now, Date.parse(COMPLETION) + 10_000);
      assert.equal(server.requests.length, 1);
    });

    it('does not wait when told so', async () => {
      await prometheus({ queries: [vector('1')] });

      await measured({ scrapeCheck: { by: 'none' } });

      assert.equal(now, Date.parse(COMPLETION));
      assert.equal(server.requests.length, 1);
    });
  });

  describe('without a value at completion', () => {
    it('is asked for the time of the final scrape', async () => {
      await prometheus({ queries: [vector(), vector('3')] });

      const { value, time } = await measured();

      assert.deepEqual([value, time], [3, SCRAPE]);
      assert.deepEqual(
        asked('/query').map(({ time: at }) => at),
        [COMPLETION, SCRAPE],
      );
    });

    it('is asked so for NaN too, and once more when the samples are not stored yet', async () => {
      await prometheus({ queries: [vector('NaN'), vector(), vector('3')] });

      const { value, time } = await measured();

      assert.deepEqual([value, time], [3, SCRAPE]);
    });

    it('is unavailable when there is none at the final scrape either', async () => {
      await prometheus({ queries: [vector()] });

      await assert.rejects(measured(), {
        name: 'MetricUnavailable',
        metric: 'p95',
        query: 'latency{job="api"}',
        message: `no data at ${SCRAPE}`,
        raw: '{"status":"success","data":{"resultType":"vector","result":[]}}',
        transient: false,
      });
      assert.equal(asked('/query').length, 3);
    });

    it('is unavailable at once when no final scrape is known', async () => {
      await prometheus({ queries: [vector('NaN')] });

      await assert.rejects(measured({ scrapeCheck: { by: 'none' } }), {
        message: `not a number (NaN) at ${COMPLETION}`,
      });
    });
  });

  describe('is unavailable', () => {
    const cases: [what: string, answer: Response, message: RegExp, raw: RegExp][] = [
      ['for several series', vector('1', '2'), /^2 series where one is needed/, /"value":\[0,"2"\]/],
      ['for infinity', vector('+Inf'), /^\+Inf is not finite$/, /\+Inf/],
      [
        'for a query that cannot be executed',
        { status: 422, body: { status: 'error', error: 'many-to-many' } },
        / answered 422: many-to-many$/,
        /many-to-many/,
      ],
      [
        'for a query that cannot be parsed',
        { status: 400, body: { status: 'error', error: 'parse error' } },
        / answered 400: parse error$/,
        /parse error/,
      ],
      ['for a refused request', { status: 401, body: 'who are you' }, / answered 401$/, /who are you/],
      ['for a page of another program', { body: '<html>' }, / does not answer with JSON$/, /<html>/],
      ['for JSON of another program', { body: '{"ok":true}' }, / does not answer as Prometheus does$/, /"ok"/],
    ];
    for (const [what, answer, message, raw] of cases) {
      it(what, async () => {
        await prometheus({ queries: [answer] });

        await assert.rejects(measured(), (error: any) => {
          assert.equal(error.name, 'MetricUnavailable');
          assert.equal(error.transient, false);
          assert.match(error.message, message);
          assert.match(error.raw, raw);
          return true;
        });
        assert.equal(asked('/query').length, 1);
      });
    }

    for (const url of ['prometheus:9090', 'file:///etc/passwd', 'http://']) {
      it(`for the url ${url}`, async () => {
        await prometheus({ queries: [vector('1')] });

        await assert.rejects(measured({ url }), { message: `url must render to an http or https URL, got "${url}"` });
      });
    }

    it('for a url with credentials, without telling them', async () => {
      await prometheus({ queries: [vector('1')] });

      await assert.rejects(measured({ url: 'http://me:secret@prometheus:9090' }), {
        message: 'url must not hold credentials, the one for prometheus:9090 does',
      });
    });
  });

  describe('when the deadline passes', () => {
    it('says which scrape never came', async () => {
      await prometheus({ targets: [targets(aTarget('api', COMPLETION))], queries: [vector('1')] });
      const controller = new AbortController();
      const deadline = new Error('deadline');

      const measurement = measured(
        {},
        deps(() => controller.abort(deadline)),
        controller.signal,
      );

      await assert.rejects(measurement, {
        name: 'MetricUnavailable',
        message: 'no scrape since the trial ended of api i',
        transient: false,
        cause: deadline,
      });
    });

    it('says which target is down for good', async () => {
      await prometheus({ targets: [targets(aTarget('api', SCRAPE, 'down'))], queries: [vector('1')] });
      const controller = new AbortController();
      const end = () => now > Date.parse(COMPLETION) + 60_000 && controller.abort(new Error('deadline'));

      await assert.rejects(
        measured(
          {},
          deps(() => void end()),
          controller.signal,
        ),
        { name: 'MetricUnavailable', message: 'scrape target api i is down' },
      );
    });

    it('says that the server did not answer, which is transient', async () => {
      await prometheus({ queries: [{ status: 500, body: '' }] });
      const controller = new AbortController();

      const measurement = measured(
        {},
        deps(() => controller.abort(new Error('deadline'))),
        controller.signal,
      );

      await assert.rejects(measurement, {
        name: 'MetricUnavailable',
        message: `${new URL(server.url).host} answered 500`,
        transient: true,
      });
    });
  });

  describe('with an error query', () => {
    it('has the error at the time of the value', async () => {
      await prometheus({ queries: [vector(), vector('3'), vector('0.1')] });

      const { value, error } = await measured({ errorQuery: 'stderr{job="api"}' });

      assert.deepEqual([value, error], [3, 0.1]);
      assert.deepEqual(asked('/query').at(-1), { query: 'stderr{job="api"}', time: SCRAPE });
    });

    it('has no error without data for it', async () => {
      await prometheus({ queries: [vector('3'), vector()] });

      const value = await measured({ errorQuery: 'stderr' });

      assert.equal('error' in value, false);
    });

    it('is unavailable when that gives several series', async () => {
      await prometheus({ queries: [vector('3'), vector('1', '2')] });

      await assert.rejects(measured({ errorQuery: 'stderr' }), { name: 'MetricUnavailable', query: 'stderr' });
    });
  });
});
