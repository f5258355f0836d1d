import type { KubernetesMetric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { cutAnswer } from './cut-answer.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import type { Look } from './look-until-found.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { parseFinite } from './parse-finite.ts';
import { untilFound } from './question.ts';
import { isOwnJob, readTarget } from './read-target.ts';
import { renderQuery } from './render-query.ts';

/**
 * The number that the query renders to over trial, window and target (R§11.1). The recorded query is the template, as what it renders
 * to is the raw answer. What the trial's own Job lacks is waited for until that Job has finished.
 */
export async function measureKubernetes(
  metric: KubernetesMetric,
  context: MetricContext,
  deps: Pick<MetricDeps, 'cluster' | 'clock' | 'waiting'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const { name, query } = metric;
  const { raw, time } = await untilFound({ name, query, deps, signal }, async (): Promise<Look<{ raw: string; time: string }>> => {
    const target = metric.target === undefined ? context.trial : await readTarget(metric, metric.target, context, deps.cluster, signal);
    const time = deps.clock.now().toISOString();
    try {
      const raw = renderQuery(metric, query, { ...context.scope, ...(target !== undefined && { target }) }).trim();
      return { found: { raw, time } };
    } catch (error) {
      if (!(error instanceof MetricUnavailable) || metric.target === undefined || !isOwnJob(metric.target) || isFinished(target))
        throw error;
      // A trial ends with its pod, about a second before the Job's status says so.
      return { missing: `the trial's Job has not finished: ${error.message}`, transient: false };
    }
  });
  const value = parseFinite(raw);
  if (value === undefined) {
    throw new MetricUnavailable(name, query, 'the query must render to a finite decimal number', {
      raw: cutAnswer(raw),
    });
  }
  return { name, value, type: metric.type, query, raw: cutAnswer(raw), time };
}

function isFinished(job: any): boolean {
  const conditions: { type: string; status: string }[] = job?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True');
}
