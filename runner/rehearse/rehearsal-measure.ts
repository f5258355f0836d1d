import type { Cluster, KubeObject } from '../cluster/port.ts';
import type { CollectDeps } from '../lifecycle/collect-metrics.ts';
import { measure } from '../metrics/measure.ts';
import type { MetricContext, MetricDeps } from '../metrics/metric-context.ts';
import { MetricUnavailable } from '../metrics/metric-unavailable.ts';
import { renderQuery } from '../metrics/render-query.ts';
import type { KubernetesMetric, LogsMetric, Metric } from '../model/experiment.ts';
import { formatLabelSelector } from '../model/label-selector.ts';
import type { MetricValue } from '../model/record.ts';
import { sampleValue } from './sample-value.ts';
import { SYNTHESIZED_ANNOTATION } from './synthesize-object.ts';

export type MeasureNotes = {
  note(notice: string): void;
  /** Whether the trial Job's log has what this metric looks for. */
  isLogged(metric: LogsMetric, trial: string): boolean;
};

/**
 * Metrics of the types `kubernetes` and `logs` are really measured on the sandbox, as far as it has what they look at; for all others
 * the query is rendered, and the value is the metric's sample.
 */
export function rehearsalMeasure({ note, isLogged }: MeasureNotes): NonNullable<CollectDeps['measure']> {
  return async (metric, context, deps, signal) => {
    if (metric.type === 'kubernetes') return measureKubernetes(metric, context, deps, note, signal);
    if (metric.type === 'logs' && isLogged(metric, context.scope.trial.name)) return measure(metric, context, deps, signal);
    const query = renderQuery(metric, metric.query, context.scope).trim();
    note(`metric ${metric.name} (${metric.type}) is not asked: its value is ${origin(metric)}`);
    return sampled(metric, query, context, deps);
  };
}

async function measureKubernetes(
  metric: KubernetesMetric,
  context: MetricContext,
  deps: MetricDeps,
  note: (notice: string) => void,
  signal: AbortSignal,
): Promise<MetricValue> {
  try {
    return await measure(metric, context, deps, signal);
  } catch (error) {
    if (!(error instanceof MetricUnavailable) || metric.target === undefined) throw error;
    const targets = await targetsOf(metric.target, context.namespace, deps.cluster, signal);
    if (targets.length > 0 && !targets.some(isSynthesized)) throw error;
    const why = targets.length > 0 ? 'its target is made up' : 'its target is not in the rehearsal';
    note(`metric ${metric.name} (kubernetes) is not measured, as ${why}: its value is ${origin(metric)}`);
    return sampled(metric, metric.query, context, deps);
  }
}

function origin({ sample }: Metric): string {
  return sample === undefined ? 'made up' : `the sample ${sample}`;
}

function sampled(metric: Metric, query: string, { scope }: MetricContext, { clock }: Pick<MetricDeps, 'clock'>): MetricValue {
  const value = sampleValue(metric, scope.trial.number);
  return { name: metric.name, value, type: metric.type, query, raw: `${value} (rehearsed)`, time: clock.now().toISOString() };
}

async function targetsOf(
  { apiVersion, kind, name, ...selector }: NonNullable<KubernetesMetric['target']>,
  namespace: string,
  cluster: Pick<Cluster, 'read' | 'list'>,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const single = kind.replace(/List$/, '');
  if (name !== undefined)
    return [await cluster.read({ apiVersion, kind: single, name, namespace }, signal)].filter((found) => found !== undefined);
  const labelSelector = formatLabelSelector(selector);
  return (await cluster.list({ apiVersion, kind: single, namespace, ...(labelSelector && { labelSelector }) }, signal)).items;
}

function isSynthesized({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[SYNTHESIZED_ANNOTATION] !== undefined;
}
