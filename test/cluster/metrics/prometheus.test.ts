import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { measuredNow, type MeasuredFields } from './measured-now.ts';
import { startPrometheus } from './start-prometheus.ts';

describe('a metric of a real Prometheus', function () {
  this.timeout(60_000);

  let exporter: Server;
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let exposed: string[];

  before(async () => {
    exposed = ['latency_seconds 0.25', 'requests{path="/a"} 1', 'requests{path="/b"} 2'];
    exporter = createServer((_, response) => response.end(`${exposed.join('\n')}\n`)).listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    // Nothing listens on port 1.
    prometheus = await startPrometheus([
      { job_name: 'api', target: `127.0.0.1:${(exporter.address() as AddressInfo).port}` },
      { job_name: 'dead', target: '127.0.0.1:1' },
    ]);
    await once(exporter, 'request');
  });

  after(async () => {
    await prometheus?.stop();
    exporter.closeAllConnections();
    exporter.close();
  });

  /** The metric of a trial that ends now, asked of that Prometheus. */
  const measured = (query: string, fields: MeasuredFields = {}) => measuredNow({ url: prometheus.url, query, ...fields });

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

  it('has its value as long after completion as it is told', async () => {
    const told: string[] = [];
    const { result, completionTime } = measured('sum(requests)', {
      scrapeCheck: { by: 'delay', delay: 1_500 },
      waiting: (message) => told.push(message),
    });

    const { value, time } = await result;

    const end = new Date(Date.parse(completionTime) + 1_500).toISOString();
    assert.deepEqual({ value, time }, { value: 3, time: completionTime });
    assert.equal(told[0], `metric m: the last samples are waited for until ${end}`);
  });

  it('has no error where its error query finds nothing', async () => {
    const { result } = measured('latency_seconds{job="api"}', { errorQuery: 'no_such_metric{job="api"}' });

    const measurement = await result;

    assert.equal(measurement.value, 0.25);
    assert.equal('error' in measurement, false);
  });

  it('is unavailable when its error query gives several series', async () => {
    const { result } = measured('latency_seconds{job="api"}', { errorQuery: 'requests{job="api"}', scrapeCheck: { by: 'none' } });

    await assert.rejects(result, { name: 'MetricUnavailable', query: 'requests{job="api"}', message: /^2 series where one is needed/ });
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
