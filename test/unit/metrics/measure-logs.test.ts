import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject, LogOptions } from '../../../runner/cluster/port.ts';
import { measureLogs } from '../../../runner/metrics/measure-logs.ts';
import type { LogsMetric } from '../../../runner/model/experiment.ts';
import { aMetricContext } from '../../support/a-metric-context.ts';

const signal = new AbortController().signal;
const clock = { now: () => new Date('2026-03-01T10:01:00Z'), sleep: () => assert.fail('nothing to wait for') };

const aLogsMetric = (fields: Partial<LogsMetric> = {}): LogsMetric => ({
  type: 'logs',
  name: 'p95',
  minimize: true,
  optimize: true,
  query: String.raw`p95=([\d.]+)`,
  format: 'regexp',
  ...fields,
});

const aPod = (name: string, phase = 'Succeeded', finishedAt = '2026-03-01T10:00:30Z', annotations = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, annotations },
  spec: { containers: [{ name: 'load' }, { name: 'proxy' }] },
  status: { phase, containerStatuses: [{ name: 'load', state: { terminated: { finishedAt } } }] },
});

/** A cluster that holds nothing but this log, and what was asked of it. */
function logOf(text: string) {
  const asked: { pod: { namespace: string; name: string }; options: LogOptions }[] = [];
  const log = (pod: { namespace: string; name: string }, options: LogOptions) => {
    asked.push({ pod, options });
    return Promise.resolve(text);
  };
  return { asked, deps: { cluster: { log } as never, clock } };
}

describe('a metric of type logs', () => {
  it('is the last match in the log of the first container', async () => {
    const { asked, deps } = logOf('p95=1\np95=2.5\n');

    const value = await measureLogs(aLogsMetric(), aMetricContext({ jobPods: [aPod('load-x')] }), deps, signal);

    assert.deepEqual(value, {
      name: 'p95',
      value: 2.5,
      type: 'logs',
      query: String.raw`p95=([\d.]+)`,
      raw: 'p95=2.5',
      time: '2026-03-01T10:01:00.000Z',
    });
    assert.deepEqual(asked, [
      {
        pod: { namespace: 'shop', name: 'load-x' },
        options: { tailLines: 5000, limitBytes: 10 * 1024 * 1024, container: 'load' },
      },
    ]);
  });

  it('reads the container that it names', async () => {
    const { asked, deps } = logOf('p95=1');

    await measureLogs(aLogsMetric({ container: 'proxy' }), aMetricContext({ jobPods: [aPod('load-x')] }), deps, signal);

    assert.equal(asked[0]?.options.container, 'proxy');
  });

  it("reads kubectl's default container where a sidecar was injected first", async () => {
    const { asked, deps } = logOf('p95=1');
    const pod = aPod('load-x', 'Succeeded', undefined, { 'kubectl.kubernetes.io/default-container': 'k6' });

    await measureLogs(aLogsMetric(), aMetricContext({ jobPods: [pod] }), deps, signal);

    assert.equal(asked[0]?.options.container, 'k6');
  });

  it('reads the pod that succeeded last', async () => {
    const { asked, deps } = logOf('p95=1');
    const jobPods = [
      aPod('early', 'Succeeded', '2026-03-01T10:00:10Z'),
      aPod('late', 'Succeeded', '2026-03-01T10:00:20Z'),
      aPod('broken', 'Failed', '2026-03-01T10:00:30Z'),
    ];

    await measureLogs(aLogsMetric(), aMetricContext({ jobPods }), deps, signal);

    assert.equal(asked[0]?.pod.name, 'late');
  });

  it('renders its query and looks into JSON', async () => {
    const { deps } = logOf('{"sizing-007": {"p95": 3}}');
    const metric = aLogsMetric({ format: 'json', query: '{{trial.name}}.p95\n' });

    const value = await measureLogs(metric, aMetricContext({ jobPods: [aPod('load-x')] }), deps, signal);

    assert.deepEqual([value.value, value.query], [3, 'sizing-007.p95']);
  });

  it('is unavailable without a match, with the last lines as the answer', async () => {
    const { deps } = logOf('starting\nno numbers\n');

    const measured = measureLogs(aLogsMetric(), aMetricContext({ jobPods: [aPod('load-x')] }), deps, signal);

    await assert.rejects(measured, {
      name: 'MetricUnavailable',
      message: 'no match in the log of pod load-x, container load',
      raw: 'starting\nno numbers',
      transient: false,
    });
  });

  it('is unavailable without a pod', async () => {
    const measured = measureLogs(aLogsMetric(), aMetricContext(), logOf('').deps, signal);

    await assert.rejects(measured, {
      name: 'MetricUnavailable',
      message: 'the trial Job has no pod whose log could be read',
    });
  });

  it('is unavailable when the end of the log may be missing', async () => {
    const { deps } = logOf('x'.repeat(10 * 1024 * 1024));

    const measured = measureLogs(aLogsMetric(), aMetricContext({ jobPods: [aPod('load-x')] }), deps, signal);

    await assert.rejects(measured, {
      message: 'the log of pod load-x, container load has more than 10 MiB in its last 5000 lines',
    });
  });

  it('is transiently unavailable when the server does not answer', async () => {
    const log = () => Promise.reject(new ClusterError(503, 'ServiceUnavailable', 'try later'));

    const measured = measureLogs(
      aLogsMetric(),
      aMetricContext({ jobPods: [aPod('load-x')] }),
      { cluster: { log } as never, clock },
      signal,
    );

    await assert.rejects(measured, {
      name: 'MetricUnavailable',
      message: 'the log of pod load-x, container load cannot be read: try later',
      transient: true,
    });
  });
});
