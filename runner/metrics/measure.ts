import type { Metric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { measureDatadog } from './measure-datadog.ts';
import { measureJsonPath } from './measure-jsonpath.ts';
import { measureKubernetes } from './measure-kubernetes.ts';
import { measureLogs } from './measure-logs.ts';
import { measureNewRelic } from './measure-newrelic.ts';
import { measurePrometheus } from './measure-prometheus.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';

/**
 * One metric's number over the trial's window, with the query and the raw answer as evidence. Waits, retrying what may pass, until the
 * signal aborts; throws MetricUnavailable when there is no finite number, or none came before that (the signal's reason is its cause).
 */
export function measure(metric: Metric, context: MetricContext, deps: MetricDeps, signal: AbortSignal): Promise<MetricValue> {
  switch (metric.type) {
    case 'kubernetes':
      return measureKubernetes(metric, context, deps, signal);
    case 'prometheus':
      return measurePrometheus(metric, context, deps, signal);
    case 'datadog':
      return measureDatadog(metric, context, deps, signal);
    case 'newrelic':
      return measureNewRelic(metric, context, deps, signal);
    case 'jsonpath':
      return measureJsonPath(metric, context, deps, signal);
    case 'logs':
      return measureLogs(metric, context, deps, signal);
  }
}
