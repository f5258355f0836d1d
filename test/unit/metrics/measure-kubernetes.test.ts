import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { Cluster, KubeObject, ObjectQuery, ObjectRef } from '../../../runner/cluster/port.ts';
import { measureKubernetes } from '../../../runner/metrics/measure-kubernetes.ts';
import type { KubernetesMetric } from '../../../runner/model/experiment.ts';
import { aMetricContext } from '../../support/a-metric-context.ts';

const signal = new AbortController().signal;
const clock = { now: () => new Date('2026-03-01T10:01:00Z'), sleep: () => assert.fail('nothing to wait for') };
const waiting = () => assert.fail('nothing to wait for');

const aKubernetesMetric = (query: string, target?: KubernetesMetric['target']): KubernetesMetric => ({
  type: 'kubernetes',
  name: 'cost',
  minimize: true,
  optimize: true,
  query,
  ...(target && { target }),
});

/** A cluster that answers every read and list with these objects, and what was asked of it. */
function clusterOf(...objects: KubeObject[]) {
  const asked: (ObjectRef | ObjectQuery)[] = [];
  const cluster: Pick<Cluster, 'read' | 'list'> = {
    read: (ref) => {
      asked.push(ref);
      return Promise.resolve(objects[0]);
    },
    list: (query) => {
      asked.push(query);
      return Promise.resolve({ items: objects, resourceVersion: '1' });
    },
  };
  return { asked, deps: { cluster: cluster as Cluster, clock, waiting } };
}

const aDeployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, spec: { replicas: 3 } };
const PODS = { apiVersion: 'v1', kind: 'PodList', matchLabels: { app: 'shop' } };

describe('a metric of type kubernetes', () => {
  it('is the number that its query renders to, such as the length of the window', async () => {
    const value = await measureKubernetes(aKubernetesMetric('{{window.duration}}'), aMetricContext(), clusterOf().deps, signal);

    assert.deepEqual(value, {
      name: 'cost',
      value: 30,
      type: 'kubernetes',
      query: '{{window.duration}}',
      raw: '30',
      time: '2026-03-01T10:01:00.000Z',
    });
  });

  it('reads a target by name in the slot', async () => {
    const { asked, deps } = clusterOf(aDeployment);
    const metric = aKubernetesMetric('{{target.spec.replicas}}', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'api',
    });

    const { value } = await measureKubernetes(metric, aMetricContext(), deps, signal);

    assert.equal(value, 3);
    assert.deepEqual(asked, [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', namespace: 'shop' }]);
  });

  it('lists a target by its labels in the slot', async () => {
    const { asked, deps } = clusterOf(aDeployment, aDeployment);
    const target = { ...PODS, matchExpressions: [{ key: 'tier', operator: 'In' as const, values: ['web', 'api'] }] };

    const { value } = await measureKubernetes(aKubernetesMetric('{{target.items.length}}', target), aMetricContext(), deps, signal);

    assert.equal(value, 2);
    assert.deepEqual(asked, [{ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', labelSelector: 'app=shop,tier in (web,api)' }]);
  });

  it('lists everything of a kind without labels', async () => {
    const { asked, deps } = clusterOf(aDeployment);
    const metric = aKubernetesMetric('{{target.items.length}}', { apiVersion: 'v1', kind: 'PodList' });

    await measureKubernetes(metric, aMetricContext(), deps, signal);

    assert.deepEqual(asked, [{ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' }]);
  });

  it("takes the trial's own Job for one without name and labels", async () => {
    const { asked, deps } = clusterOf({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'sizing-007' },
      status: { succeeded: 1 },
    });
    const metric = aKubernetesMetric('{{target.status.succeeded}}', { apiVersion: 'batch/v1', kind: 'Job' });

    const { value } = await measureKubernetes(metric, aMetricContext(), deps, signal);

    assert.equal(value, 1);
    assert.deepEqual(asked, [
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        namespace: 'shop',
        labelSelector: 'fieldtrial.dev/trial=sizing-007,fieldtrial.dev/trial-role=trialRun',
      },
    ]);
  });

  const aJob = (status: object) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'sizing-007' }, status });
  const JOB_SECONDS = aKubernetesMetric('{{duration target.status.startTime target.status.completionTime}}', {
    apiVersion: 'batch/v1',
    kind: 'Job',
  });

  it("waits for what the trial's own Job does not tell before it has finished", async () => {
    const [startTime, completionTime] = ['2026-03-01T10:00:00Z', '2026-03-01T10:00:31Z'];
    const jobs = [aJob({ startTime }), aJob({ startTime, completionTime, conditions: [{ type: 'Complete', status: 'True' }] })];
    const cluster = { list: async () => ({ items: [jobs.shift()!], resourceVersion: '1' }) };
    const told: string[] = [];
    const deps = {
      cluster: cluster as never,
      clock: { ...clock, sleep: async () => undefined },
      waiting: (message: string) => void told.push(message),
    };

    const { value } = await measureKubernetes(JOB_SECONDS, aMetricContext(), deps, signal);

    assert.equal(value, 31);
    assert.match(told[0] ?? '', /^metric cost: the trial's Job has not finished: the query cannot be rendered: .*completionTime/);
  });

  it("is unavailable when the trial's own Job has finished without it", async () => {
    const { deps } = clusterOf(aJob({ startTime: '2026-03-01T10:00:00Z', conditions: [{ type: 'Failed', status: 'True' }] }));

    await assert.rejects(measureKubernetes(JOB_SECONDS, aMetricContext(), deps, signal), {
      message: /^the query cannot be rendered: .*completionTime/,
    });
  });

  it('lists every Job for a list without labels', async () => {
    const { asked, deps } = clusterOf(aJob({}), aJob({}));
    const metric = aKubernetesMetric('{{target.items.length}}', { apiVersion: 'batch/v1', kind: 'JobList' });

    assert.equal((await measureKubernetes(metric, aMetricContext(), deps, signal)).value, 2);
    assert.deepEqual(asked, [{ apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop' }]);
  });

  it('takes the trial for a target that it does not name', async () => {
    const context = aMetricContext({ trial: { spec: { number: 7 } } });

    const { value } = await measureKubernetes(aKubernetesMetric('{{target.spec.number}}'), context, clusterOf().deps, signal);

    assert.equal(value, 7);
  });

  it('reads the metrics of nodes where they are served (R§24.4)', async () => {
    const { asked, deps } = clusterOf({ apiVersion: '', kind: '', metadata: { name: 'node-1' }, usage: { cpu: '289m' } });
    const target = { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'NodeMetricsList' };
    const metric = aKubernetesMetric('{{milliValue (indexResource target.items.[0].usage "cpu")}}', target);

    const { value } = await measureKubernetes(metric, aMetricContext(), deps, signal);

    assert.equal(value, 289);
    assert.deepEqual(asked, [{ apiVersion: 'metrics.k8s.io/v1beta1', kind: 'NodeMetrics', namespace: 'shop' }]);
  });

  it('is transiently unavailable where they are not served for now', async () => {
    const list = () => Promise.reject(new ClusterError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request'));
    const metric = aKubernetesMetric('1', { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetricsList' });

    await assert.rejects(measureKubernetes(metric, aMetricContext(), { cluster: { list } as never, clock, waiting }, signal), {
      message: 'target PodMetrics in shop cannot be read: the server is currently unable to handle the request',
      transient: true,
    });
  });

  const unavailable: {
    what: string;
    metric: KubernetesMetric;
    objects?: KubeObject[];
    message: string | RegExp;
    raw?: string;
  }[] = [
    {
      what: 'when the named target does not exist',
      metric: aKubernetesMetric('1', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' }),
      message: 'target Deployment shop/api does not exist',
    },
    {
      what: 'when no object matches',
      metric: aKubernetesMetric('0', PODS),
      message: 'target Pod in shop matches nothing with labels app=shop',
    },
    {
      what: 'for a Secret',
      metric: aKubernetesMetric('{{target.data.n}}', { apiVersion: 'v1', kind: 'Secret', name: 'db' }),
      objects: [aDeployment],
      message: 'target must not be a Secret: what it holds would be recorded',
    },
    {
      what: 'for Secrets by labels',
      metric: aKubernetesMetric('1', { apiVersion: 'v1', kind: 'SecretList' }),
      objects: [aDeployment],
      message: 'target must not be a Secret: what it holds would be recorded',
    },
    {
      what: 'when it renders to NaN',
      metric: aKubernetesMetric('NaN'),
      message: 'the query must render to a finite decimal number',
      raw: 'NaN',
    },
    {
      what: 'when it renders to nothing',
      metric: aKubernetesMetric(' '),
      message: 'the query must render to a finite decimal number',
      raw: '',
    },
    {
      what: 'when the target lacks what the query reads',
      metric: aKubernetesMetric('{{target.status.replicas}}', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'api',
      }),
      objects: [aDeployment],
      message: /^the query cannot be rendered: /,
    },
  ];
  for (const { what, metric, objects = [], message, raw } of unavailable) {
    it(`is unavailable ${what}`, async () => {
      const measured = measureKubernetes(metric, aMetricContext(), clusterOf(...objects).deps, signal);

      await assert.rejects(measured, {
        name: 'MetricUnavailable',
        metric: 'cost',
        query: metric.query,
        message,
        raw,
        transient: false,
      });
    });
  }

  const refusals: [status: number, reason: string, transient: boolean][] = [
    [403, 'Forbidden', false],
    [503, 'ServiceUnavailable', true],
  ];
  for (const [status, reason, transient] of refusals) {
    it(`is ${transient ? 'transiently ' : ''}unavailable after ${reason}, in the server's words`, async () => {
      const read = () => Promise.reject(new ClusterError(status, reason, 'not now'));
      const metric = aKubernetesMetric('1', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' });

      const measured = measureKubernetes(metric, aMetricContext(), { cluster: { read } as never, clock, waiting }, signal);

      await assert.rejects(measured, {
        name: 'MetricUnavailable',
        message: 'target Deployment in shop cannot be read: not now',
        transient,
      });
    });
  }
});
