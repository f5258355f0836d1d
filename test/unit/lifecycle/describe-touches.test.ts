import assert from 'node:assert/strict';
import { describeTouches } from '../../../runner/lifecycle/describe-touches.ts';
import { renderSetupFiles } from '../../../runner/lifecycle/render-setup-files.ts';
import { templateScope } from '../../../runner/lifecycle/render-trial.ts';
import { buildTrialJob } from '../../../runner/lifecycle/trial-job.ts';
import { buildSetup } from '../../../runner/lifecycle/setup-jobs.ts';
import type { JsonObject, Metric, PatchType } from '../../../runner/model/experiment.ts';
import type { RenderedTrial } from '../../../runner/model/trial.ts';
import { aMetric, anExperiment } from '../../support/builders.ts';
import { repositoryOf } from '../../support/repository-of.ts';
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

  it('are what its patches bring into pods, however they are written', () => {
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' };
    const podSpec = {
      serviceAccountName: 'admin',
      containers: [{ name: 'app', image: 'evil.example/miner', envFrom: [{ secretRef: { name: 'db-password' } }] }],
      volumes: [{ name: 'disk', hostPath: { path: '/etc' } }],
    };
    const template = { spec: { template: { spec: podSpec } } };
    const inPods = '/spec/template/spec';
    const operations = [
      { op: 'replace', path: `${inPods}/serviceAccountName`, value: 'admin' },
      { op: 'replace', path: `${inPods}/containers/0/image`, value: 'evil.example/miner' },
      { op: 'add', path: `${inPods}/containers/0/envFrom/-`, value: { secretRef: { name: 'db-password' } } },
      { op: 'add', path: `${inPods}/volumes/0`, value: { name: 'disk', hostPath: { path: '/etc' } } },
      { op: 'remove', path: `${inPods}/containers/1/image` },
    ];
    const touchesOfPatch = (type: PatchType, body: unknown) =>
      touchesOf({ containers: [{ name: 'load', image: 'load:1' }] }, { patches: [{ index: 0, target, type, body }] });

    for (const touches of [touchesOfPatch('strategic', template), touchesOfPatch('merge', template), touchesOfPatch('json', operations)]) {
      assert.deepEqual(touches.serviceAccounts, ['admin', 'default']);
      assert.deepEqual(touches.images, ['evil.example/miner', 'load:1']);
      assert.deepEqual(touches.secrets, ['db-password']);
      assert.deepEqual(touches.hostPaths, ['/etc']);
    }
  });

  it('are what patches bring into custom resources that are made into pods', () => {
    const target = { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', name: 'main' };
    const spec = { image: 'prometheus:3', serviceAccountName: 'scraper', imagePullSecrets: [{ name: 'registry' }] };

    const touches = touchesOf({}, { patches: [{ index: 0, target, type: 'merge', body: { spec } }] });

    assert.ok(touches.images.includes('prometheus:3'));
    assert.ok(touches.serviceAccounts.includes('scraper'));
    assert.deepEqual(touches.secrets, ['registry']);
  });

  it('are not the settings that a patch puts into a ConfigMap', () => {
    const target = { apiVersion: 'v1', kind: 'ConfigMap', name: 'app' };

    const touches = touchesOf(
      { containers: [{ name: 'load', image: 'load:1' }] },
      { patches: [{ index: 0, target, type: 'merge', body: { data: { image: 'png', serviceAccountName: 'no' } } }] },
    );

    assert.deepEqual([touches.images, touches.serviceAccounts], [['load:1'], ['default']]);
  });

  it('are the Secrets that its volumes are mounted with, and the folders of the node', () => {
    const { secrets, hostPaths } = touchesOf({
      containers: [{ name: 'load' }],
      volumes: [
        { name: 'a', csi: { driver: 'd', nodePublishSecretRef: { name: 'login' } } },
        { name: 'b', azureFile: { secretName: 'share', shareName: 's' } },
        { name: 'c', hostPath: { path: '/var/run/docker.sock' } },
      ],
    });

    assert.deepEqual(secrets, ['login', 'share']);
    assert.deepEqual(hostPaths, ['/var/run/docker.sock']);
  });

  it('are the objects of its setup, elsewhere with their namespace, and what their pods use', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db' }, spec: { containers: [{ name: 'db', image: 'db:1' }] } };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'production' }, stringData: { image: 'no' } };
    const task = aSetupTask({ name: 'db', image: undefined, manifests: ['db.yaml'] });
    const template = aTrialTemplate({ setupTasks: [task] });
    const files = await renderSetupFiles(aTrial(), template, templateScope(aTrial()), {
      files: repositoryOf({ 'db.yaml': `${JSON.stringify(pod)}\n---\n${JSON.stringify(secret)}` }),
      locate: () => ({ file: 'e.yaml' }),
    });

    const touches = touchesOf({ serviceAccountName: 'load' }, { setup: buildSetup(aTrial(), template, files, 'fieldtrial:test') });

    assert.deepEqual(touches.setupObjects, ['Pod db', 'Secret production/key']);
    assert.ok(touches.images.includes('db:1'));
    assert.deepEqual(touches.serviceAccounts, ['default', 'fieldtrial-setup', 'load']);
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
          prometheus('http://{{values.cpu}}.example/'),
          { ...aMetric('rps'), type: 'jsonpath', url: 'http://load.{{trial.namespace}}/stats', query: '{.rps}' },
          { ...aMetric('errors'), type: 'datadog', query: 'q', aggregator: 'avg', delay: 0 },
          { ...aMetric('apdex'), type: 'newrelic', query: 'q', delay: 0 },
          aMetric('cost'),
        ],
      },
    );

    assert.deepEqual(hosts, [
      '2.example',
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
