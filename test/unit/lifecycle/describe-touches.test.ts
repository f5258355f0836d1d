import assert from 'node:assert/strict';
import { describeTouches } from '../../../runner/lifecycle/describe-touches.ts';
import { buildTrialJob } from '../../../runner/lifecycle/trial-job.ts';
import { buildSetup } from '../../../runner/lifecycle/setup-jobs.ts';
import type { JsonObject, Metric } from '../../../runner/model/experiment.ts';
import type { RenderedTrial } from '../../../runner/model/trial.ts';
import { aMetric, anExperiment } from '../../support/builders.ts';
import { aRenderedTrial, aSetupTask, aTrial, aTrialTemplate } from '../../support/trials.ts';

const KEYS = { datadog: { site: 'datadoghq.eu' }, newrelic: {} };

function touchesOf(podSpec: JsonObject, fields: Partial<RenderedTrial> = {}, experiment = anExperiment()) {
  const template = aTrialTemplate({ jobTemplate: { spec: { template: { spec: podSpec } } } });
  return describeTouches(aRenderedTrial({ ...buildTrialJob(aTrial(), template, 'fieldtrial:test'), ...fields }), experiment, KEYS);
}

const prometheus = (url: string): Metric => ({ ...aMetric('p95'), type: 'prometheus', url, query: 'q', scrapeCheck: { by: 'none' } });

describe('what a trial touches', () => {
  it('are the service accounts of its pods', () => {
    const setup = buildSetup(aTrial(), aTrialTemplate({ setupTasks: [aSetupTask()] }), [], 'fieldtrial:test');

    assert.deepEqual(touchesOf({ serviceAccountName: 'load', containers: [{ name: 'load' }] }, { setup }).serviceAccounts, [
      'fieldtrial-setup',
      'load',
    ]);
    assert.deepEqual(touchesOf({ containers: [{ name: 'load' }] }).serviceAccounts, ['default']);
  });

  it('are the Secrets that its pods mount, read and pull images with, also those of init containers', () => {
    const { secrets } = touchesOf({
      imagePullSecrets: [{ name: 'registry' }],
      volumes: [
        { name: 'a', secret: { secretName: 'mounted' } },
        { name: 'b', projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'no' } }] } },
      ],
      initContainers: [{ name: 'warm', env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'key', key: 'k' } } }] }],
      containers: [{ name: 'load', envFrom: [{ secretRef: { name: 'all' } }, { configMapRef: { name: 'no' } }] }],
    });

    assert.deepEqual(secrets, ['all', 'key', 'mounted', 'projected', 'registry']);
  });

  it('are its images, each once', () => {
    const { images } = touchesOf({
      initContainers: [{ name: 'a', image: 'b:1' }],
      containers: [
        { name: 'b', image: 'b:1' },
        { name: 'c', image: 'a:1' },
      ],
    });

    assert.deepEqual(images, ['a:1', 'b:1']);
  });

  it('are the objects that it patches', () => {
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' };

    const { patchTargets } = touchesOf(
      {},
      {
        patches: [
          { index: 0, target, type: 'merge', body: {} },
          { index: 1, target, type: 'json', body: [] },
        ],
      },
    );

    assert.deepEqual(patchTargets, ['Deployment app']);
  });

  it('are the hosts that its charts come from', () => {
    const chart = { from: 'registry', chart: 'oci://registry.example.com/db' } as const;
    const setup = buildSetup(aTrial(), aTrialTemplate({ setupTasks: [aSetupTask({ image: undefined, chart })] }), [], 'fieldtrial:test');

    assert.deepEqual(touchesOf({}, { setup, metrics: [prometheus('http://prometheus.monitoring:9090/')] }).hosts, [
      'prometheus.monitoring:9090',
      'registry.example.com',
    ]);
  });

  it('are the hosts that its metrics ask, and a template where the host is not known before', () => {
    const { hosts } = touchesOf(
      {},
      {
        metrics: [
          prometheus('http://prometheus.monitoring:9090/'),
          prometheus('{{values.url}}'),
          { ...aMetric('rps'), type: 'jsonpath', url: 'http://load.{{trial.namespace}}/stats', query: '{.rps}' },
          { ...aMetric('errors'), type: 'datadog', query: 'q', aggregator: 'avg', delay: 0 },
          { ...aMetric('apdex'), type: 'newrelic', query: 'q', delay: 0 },
          aMetric('cost'),
        ],
      },
    );

    assert.deepEqual(hosts, [
      'api.datadoghq.eu',
      'api.newrelic.com',
      'load.{{trial.namespace}}',
      'prometheus.monitoring:9090',
      '{{values.url}}',
    ]);
  });

  it('are the namespaces that its namespaceTemplate makes where they are missing', () => {
    const experiment = anExperiment({ replicas: 2, namespaceTemplate: { prefix: 'shop-', labels: {}, annotations: {} } });

    assert.deepEqual(touchesOf({ containers: [{ name: 'load' }] }, {}, experiment).namespaces, ['shop-1', 'shop-2']);
    assert.deepEqual(touchesOf({ containers: [{ name: 'load' }] }).namespaces, []);
  });
});
