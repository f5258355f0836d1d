import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../runner/clock.ts';
import { measure } from '../../../runner/metrics/measure.ts';
import type { MetricContext } from '../../../runner/metrics/metric-context.ts';
import type { PrometheusMetric } from '../../../runner/model/experiment.ts';
import { startPrometheus, type Prometheus } from './start-prometheus.ts';

describe('a metric of a real Prometheus', function () {
  this.timeout(60_000);

  let exporter: Server;
  let prometheus: Prometheus;
  let exposed: string[];

  before(async () => {
    exposed = ['latency_seconds 0.25', 'requests{path="/a"} 1', 'requests{path="/b"} 2'];
    exporter = createServer((_, response) => response.end(`${exposed.join('\n')}\n`)).listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    // Nothing listens on port 1.
    prometheus = await startPrometheus({
      api: `127.0.0.1:${(exporter.address() as AddressInfo).port}`,
      dead: '127.0.0.1:1',
    });
    await once(exporter, 'request');
  });

  after(async () => {
    await prometheus?.stop();
    exporter.closeAllConnections();
    exporter.close();
  });

  /** The metric of a trial that ends now. */
  function measured(
    query: string,
    {
      scrapeCheck = { by: 'targets' },
      waiting = () => undefined,
      signal = AbortSignal.timeout(30_000),
      ...fields
    }: Partial<PrometheusMetric> & {
      waiting?: (message: string) => void;
      signal?: AbortSignal;
    } = {},
  ) {
    const metric: PrometheusMetric = {
      type: 'prometheus',
      name: 'm',
      minimize: true,
      optimize: true,
      url: prometheus.url,
      query,
      scrapeCheck,
      ...fields,
    };
    const completion = new Date();
    const startTime = new Date(completion.getTime() - 10_000).toISOString();
    const completionTime = completion.toISOString();
    const context: MetricContext = {
      scope: {
        trial: { name: 'sizing-007', namespace: 'shop', number: 7, experiment: 'sizing' },
        values: {},
        window: { start: startTime, completion: completionTime, duration: 10 },
        range: '10s',
      },
      namespace: 'shop',
      window: { startTime, completionTime },
      jobPods: [],
    };
    return {
      completionTime,
      result: measure(metric, context, { cluster: {} as never, clock: systemClock, waiting }, signal),
    };
  }

  it('has its value at completion, after the final scrape of its own target', async () => {
    const told: string[] = [];
    const { result, completionTime } = measured('latency_seconds{job="api"}', {
      errorQuery: 'latency_seconds{job="api"} / 10',
      waiting: (message) => told.push(message),
    });

    const { value, error, time } = await result;

    assert.deepEqual({ value, error, time }, { value: 0.25, error: 0.025, time: completionTime });
    assert.match(told[0] ?? '', /^metric m: no scrape since the trial ended of api 127\.0\.0\.1:\d+$/);
  });

  it('has the value that was first scraped after completion', async () => {
    const { result, completionTime } = measured('pushed_at_the_end{job="api"}');
    exposed.push('pushed_at_the_end 7');

    const { value, time } = await result;

    assert.equal(value, 7);
    assert.ok(time > completionTime, `${time} is after ${completionTime}`);
  });

  it('has its value once a sample is there from after completion', async () => {
    const told: string[] = [];
    const { result } = measured('sum(requests)', {
      scrapeCheck: { by: 'samples' },
      waiting: (message) => told.push(message),
    });

    const { value } = await result;

    assert.equal(value, 3);
    assert.equal(told[0], 'metric m: no sample since the trial ended of requests');
  });

  it('is unavailable while a target that it names is down', async () => {
    const deadline = new AbortController();
    const { result } = measured('latency_seconds{job="dead"}', {
      waiting: () => deadline.abort(new Error('deadline')),
      signal: deadline.signal,
    });

    await assert.rejects(result, {
      name: 'MetricUnavailable',
      message: /^scrape target dead 127\.0\.0\.1:1 (is down: .*connection refused|was not scraped yet)/,
    });
  });

  const unavailable: [what: string, query: string, message: RegExp][] = [
    ['for several series', 'requests', /^2 series where one is needed/],
    ['for a query that cannot be parsed', 'sum(requests', / answered 400: /],
    ['for a query that cannot be executed', 'requests + on () requests', / answered 422: /],
    ['without data', 'no_such_metric', /^no data at /],
    ['for infinity', 'sum(requests) / 0', /^\+Inf is not finite$/],
  ];
  for (const [what, query, message] of unavailable) {
    it(`is unavailable ${what}`, async () => {
      await assert.rejects(measured(query, { scrapeCheck: { by: 'none' } }).result, {
        name: 'MetricUnavailable',
        message,
        transient: false,
      });
    });
  }
});
