import assert from 'node:assert/strict';
import { load } from 'js-yaml';
import { translateGoTemplate } from '../../../../runner/template/go/translate.ts';
import { renderText } from '../../../../runner/template/render-text.ts';

const scope = {
  trial: { name: 'mytrial', namespace: 'default', number: 1, experiment: 'exp' },
  values: { replicas: 2 },
  window: { start: '2024-05-01T12:00:00.000Z', completion: '2024-05-01T12:00:05.000Z', duration: 5 },
  range: '5s',
  target: {
    items: [
      {
        spec: { containers: [{ name: 'testContainer1', resources: { requests: { cpu: '200m', memory: '5000' } } }] },
        usage: { cpu: '289m' },
      },
    ],
  },
};

const LABELS = 'on (pod) group_left max_over_time(kube_pod_labels{namespace="default",label_component="bob",label_component="tom"}[5s])';
const ALL = 'on (pod) group_left max_over_time(kube_pod_labels{namespace="default"}[5s])';
const CPU = 'kube_pod_container_resource_requests_cpu_cores';
const MEMORY = 'kube_pod_container_resource_requests_memory_bytes';

const cpuUtilization = (labels: string) =>
  `scalar(round((sum(sum by (pod) (increase(container_cpu_usage_seconds_total{container="",image=""}[5s])) * ${labels}) / sum(sum_over_time(${CPU}[5s:1s]) * ${labels})) * 100, 0.0001))`;
const memoryUtilization = (labels: string) =>
  `scalar(round((avg(max by (pod) (container_memory_max_usage_bytes) * ${labels} / sum by (pod) (${MEMORY}))) * 100, 0.0001))`;

/** The ancestor's own tests (R§24.1, R§24.4), in its own language. */
describe('The ancestor’s templates, translated', () => {
  const rows: [name: string, source: string, expected: string][] = [
    ['Helm static', 'testing', 'testing'],
    ['duration', '{{ duration .StartTime .CompletionTime }}', '5'],
    ['percent', '{{ percent 100 5 }}', '5'],
    ['percent without its fraction', '{{ percent 9 50 }}', '4'],
    ['resourceRequests', '{{ resourceRequests .Target "cpu=0.05,memory=0.005" }}', '25010'],
    ['resourceRequests of the deprecated .Pods', '{{ resourceRequests .Pods "cpu=0.05,memory=0.005" }}', '25010'],
    ['cpuUtilization', '{{ cpuUtilization . "component=bob,component=tom" }}', cpuUtilization(LABELS)],
    ['cpuUtilization without selector', '{{ cpuUtilization . }}', cpuUtilization(ALL)],
    ['memoryUtilization', '{{ memoryUtilization . "component=bob,component=tom" }}', memoryUtilization(LABELS)],
    ['memoryUtilization without selector', '{{ memoryUtilization . }}', memoryUtilization(ALL)],
    ['cpuRequests', '{{ cpuRequests . "component=bob,component=tom" }}', `scalar(sum(avg_over_time(${CPU}[5s]) * ${LABELS}))`],
    ['memoryRequests', '{{ memoryRequests . "component=bob" "component=tom" }}', `scalar(sum(avg_over_time(${MEMORY}[5s]) * ${LABELS}))`],
    ['GB', '{{ "1234" | GB }}', '1234/1000000000'],
    ['GiB', '{{ GiB "1234" }}', '1234/1073741824'],
    ['indexResource of a NodeMetricsList', '{{ with index .Target.Items 0 }}{{ (indexResource .Usage "cpu").MilliValue }}{{ end }}', '289'],
  ];

  for (const [name, source, expected] of rows) {
    it(name, () => {
      assert.equal(renderText(translateGoTemplate(source, 'query'), scope), expected);
    });
  }

  it('static patch', () => {
    const patch = translateGoTemplate('metadata:\n  labels:\n    app: testApp\n', 'patch');

    assert.deepEqual(load(renderText(patch, scope)), { metadata: { labels: { app: 'testApp' } } });
  });

  it('numeric assignment', () => {
    const patch = translateGoTemplate('spec:\n  replicas: {{ .Values.replicas }}\n', 'patch');

    assert.deepEqual(load(renderText(patch, scope)), { spec: { replicas: 2 } });
  });

  it('bad label key', () => {
    const query = translateGoTemplate('{{ cpuUtilization . "my/super.cool.label-with-fluffy/bunnies=789" }}', 'query');

    assert.throws(() => renderText(query, scope), { message: /"my\/super.cool.label-with-fluffy\/bunnies" is not a label key/ });
  });
});
