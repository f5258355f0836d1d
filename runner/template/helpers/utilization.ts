import { TemplateError } from '../template-error.ts';
import { printValue } from '../print-value.ts';
import { labelMatchers } from './label-matchers.ts';
import type { Helper, HelperGroup } from './helper.ts';

/**
 * PromQL over the pods of the trial's namespace that the selectors choose, for the trial's range (R§16.2). Metric names are those of
 * kube-state-metrics 1, which is what the ancestor's queries were written for.
 */
export const utilization: HelperGroup = {
  cpuUtilization: query(
    (range, labels) =>
      'scalar(round((' +
      `sum(sum by (pod) (increase(container_cpu_usage_seconds_total{container="",image=""}[${range}])) * ${labels})` +
      ` / sum(sum_over_time(kube_pod_container_resource_requests_cpu_cores[${range}:1s]) * ${labels})` +
      ') * 100, 0.0001))',
  ),
  memoryUtilization: query(
    (_range, labels) =>
      'scalar(round((' +
      `avg(max by (pod) (container_memory_max_usage_bytes) * ${labels}` +
      ' / sum by (pod) (kube_pod_container_resource_requests_memory_bytes))' +
      ') * 100, 0.0001))',
  ),
  cpuRequests: query((range, labels) => `scalar(sum(avg_over_time(kube_pod_container_resource_requests_cpu_cores[${range}]) * ${labels}))`),
  memoryRequests: query(
    (range, labels) => `scalar(sum(avg_over_time(kube_pod_container_resource_requests_memory_bytes[${range}]) * ${labels}))`,
  ),
};

function query(write: (range: string, labels: string) => string): Helper {
  return {
    takes: [0, Infinity],
    run: (selectors, root: { range?: string; trial?: { namespace?: string } }) => {
      const { range, trial } = root;
      if (range === undefined || trial?.namespace === undefined) {
        throw new TemplateError('needs a trial and its range, which only metric queries have');
      }
      const selector = selectors.map((each) => printValue(each, 'a selector')).join(',');
      const matchers = [`namespace=${JSON.stringify(trial.namespace)}`, ...labelMatchers(selector)];
      return write(range, `on (pod) group_left max_over_time(kube_pod_labels{${matchers.join(',')}}[${range}])`);
    },
  };
}
