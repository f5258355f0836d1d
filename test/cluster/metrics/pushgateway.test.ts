import assert from 'node:assert/strict';
import { measuredNow } from './measured-now.ts';
import type { Program } from './start-program.ts';
import { startPrometheus, startPushgateway } from './start-prometheus.ts';

describe('a result that a trial pushed to a real Pushgateway', function () {
  this.timeout(60_000);

  let pushgateway: Program;
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let shared: Awaited<ReturnType<typeof startPrometheus>>;

  before(async () => {
    pushgateway = await startPushgateway();
    const { host: target } = pushgateway;
    prometheus = await startPrometheus([{ job_name: 'pushgateway', target, honor_labels: true }]);
    // Nothing listens on port 1.
    shared = await startPrometheus([
      { job_name: 'pushgateway', target, honor_labels: true },
      { job_name: 'pushed', target },
      { job_name: 'dead', target: '127.0.0.1:1' },
    ]);
    await push('late', 6, 'sizing-006');
  });

  after(async () => {
    await prometheus?.stop();
    await shared?.stop();
    await pushgateway?.stop();
  });

  const groupUrl = (job: string, trial: string) => `http://${pushgateway.host}/metrics/job/${job}/instance/${trial}`;

  /** As trial images do with PUSHGATEWAY_URL, whose job here is another for each test. */
  async function push(job: string, p95: number, trial = 'sizing-007'): Promise<void> {
    const url = groupUrl(job, trial);
    const response = await fetch(url, { method: 'PUT', body: `p95 ${p95}\n` });
    assert.equal(response.status, 200);
  }

  const queryOf = (job: string) => `p95{job="${job}", instance="{{trial.name}}"}`;

  it('in its last moment is found after the final scrape of the gateway', async () => {
    const { result, completionTime } = measuredNow({ url: prometheus.url, query: queryOf('late') });
    await push('late', 7);

    const { value, time, query } = await result;

    assert.deepEqual({ value, query }, { value: 7, query: 'p95{job="late", instance="sizing-007"}' });
    assert.ok(time > completionTime, `${time} is after ${completionTime}`);
  });

  it('before its end is found at completion', async () => {
    await push('early', 8);
    await measuredNow({ url: prometheus.url, query: queryOf('early') }).result;

    const { result, completionTime } = measuredNow({ url: prometheus.url, query: queryOf('early') });

    const { value, time } = await result;
    assert.deepEqual({ value, time }, { value: 8, time: completionTime });
  });

  it('is found by its samples where another target of the server is down', async () => {
    await push('samples', 9);
    const told: string[] = [];

    const { result } = measuredNow({
      url: shared.url,
      query: queryOf('samples'),
      scrapeCheck: { by: 'samples' },
      waiting: (message) => void told.push(message),
    });

    assert.equal((await result).value, 9);
    assert.equal(told[0], 'metric m: no sample since the trial ended of p95{job="samples",instance="sizing-007"}');
  });

  it('is found by its target where the labels are those of the scrape', async () => {
    await push('target', 10);

    const { result } = measuredNow({
      url: shared.url,
      query: 'p95{job="pushed", exported_job="target", exported_instance="{{trial.name}}"}',
    });

    assert.equal((await result).value, 10);
  });

  it('says that another target is waited for, where the query names none', async () => {
    const deadline = new AbortController();
    const { result } = measuredNow({
      url: shared.url,
      query: queryOf('other'),
      waiting: (message) => message.includes('dead') && deadline.abort(new Error('deadline')),
      signal: deadline.signal,
    });

    await assert.rejects(result, { message: /^scrape target dead .* \(every target matters, as the query selects none by its labels\)$/ });
  });

  it('is not mistaken for that of another trial', async () => {
    await push('gone', 6, 'sizing-006');

    await assert.rejects(measuredNow({ url: prometheus.url, query: queryOf('gone') }).result, { message: /^no data at / });
  });
});
