import assert from 'node:assert/strict';

import { load } from 'js-yaml';

import { renderText } from '../../../runner/template/render-text.ts';
import { renderValue } from '../../../runner/template/render-value.ts';

const pods = {
  items: [{ spec: { containers: [{ name: 'testContainer1', resources: { requests: { cpu: '200m', memory: '5000' } } }] } }],
};
const scope = {
  trial: { name: 'mytrial', namespace: 'default' },
  values: { replicas: 2 },
  window: { start: '2024-05-01T12:00:00.000Z', completion: '2024-05-01T12:00:05.000Z', duration: 5 },
  range: '5s',
  target: pods,
};
const BOB_AND_TOM = '{namespace="default",label_component="bob",label_component="tom"}';

/** The ancestor's own tests (R§24.1, R§24.4), their Go templates written in Handlebars. */
describe('The ancestor’s templates', () => {
  it('static patch', () => {
    const text = renderText('metadata:\n  labels:\n    app: testApp\n', scope);

    assert.deepEqual(load(text), { metadata: { labels: { app: 'testApp' } } });
  });

  it('numeric assignment', () => {
    const text = renderText('spec:\n  replicas: {{values.replicas}}\n', scope);

    assert.deepEqual(load(text), { spec: { replicas: 2 } });
  });

  it('Helm static', () => {
    assert.equal(renderValue('testing', scope), 'testing');
  });

  it('duration', () => {
    assert.equal(renderText('{{duration window.start window.completion}}', scope), '5');
  });

  it('percent', () => {
    assert.equal(renderText('{{percent 100 5}}', scope), '5');
    assert.equal(renderText('{{percent 9 50}}', scope), '4');
  });

  it('resourceRequests', () => {
    assert.equal(renderText('{{resourceRequests target "cpu=0.05,memory=0.005"}}', scope), '25010');
  });

  it('cpuUtilization', () => {
    const query = renderText('{{cpuUtilization "component=bob,component=tom"}}', scope);

    assert.equal(
      query,
      'scalar(round((sum(' +
        'sum by (pod) (increase(container_cpu_usage_seconds_total{container="",image=""}[5s]))' +
        ` * on (pod) group_left max_over_time(kube_pod_labels${BOB_AND_TOM}[5s])` +
        ') / sum(' +
        'sum_over_time(kube_pod_container_resource_requests_cpu_cores[5s:1s])' +
        ` * on (pod) group_left max_over_time(kube_pod_labels${BOB_AND_TOM}[5s])` +
        ')) * 100, 0.0001))',
    );
  });

  it('memoryUtilization', () => {
    const query = renderText('{{memoryUtilization "component=bob,component=tom"}}', scope);

    assert.equal(
      query,
      'scalar(round((avg(' +
        'max by (pod) (container_memory_max_usage_bytes)' +
        ` * on (pod) group_left max_over_time(kube_pod_labels${BOB_AND_TOM}[5s])` +
        ' / sum by (pod) (kube_pod_container_resource_requests_memory_bytes)' +
        ')) * 100, 0.0001))',
    );
  });

  for (const helper of ['cpuUtilization', 'memoryUtilization', 'cpuRequests', 'memoryRequests']) {
    it(`${helper} without selector`, () => {
      const query = renderText(`{{${helper}}}`, scope);

      assert.match(query, /kube_pod_labels\{namespace="default"\}\[5s\]/);
      assert.doesNotMatch(query, /label_/);
    });

    it(`${helper} with a bad label key`, () => {
      assert.throws(() => renderText(`{{${helper} "my/super.cool.label-with-fluffy/bunnies=789"}}`, scope), {
        name: 'TemplateError',
        message: new RegExp(`^${helper}: "my/super.cool.label-with-fluffy/bunnies" is not a label key; `),
      });
    });
  }

  for (const [helper, metric] of [
    ['cpuRequests', 'cpu_cores'],
    ['memoryRequests', 'memory_bytes'],
  ]) {
    it(helper!, () => {
      const query = renderText(`{{${helper} "component=bob" "component=tom"}}`, scope);

      assert.equal(
        query,
        `scalar(sum(avg_over_time(kube_pod_container_resource_requests_${metric}[5s])` +
          ` * on (pod) group_left max_over_time(kube_pod_labels${BOB_AND_TOM}[5s])))`,
      );
    });
  }

  it('GB', () => {
    assert.equal(renderText('{{GB "1234"}}', scope), '1234/1000000000');
  });

  it('GiB', () => {
    assert.equal(renderText('{{GiB "1234"}}', scope), '1234/1073741824');
  });

  it('indexResource of a NodeMetricsList', () => {
    const target = { kind: 'NodeMetricsList', items: [{ usage: { cpu: '289m' } }] };

    assert.equal(renderText('{{milliValue (indexResource target.items.[0].usage "cpu")}}', { ...scope, target }), '289');
  });
});
