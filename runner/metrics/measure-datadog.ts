import type { DatadogMetric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { missingKeys } from './access/api-keys.ts';
import { askJson } from './ask-json.ts';
import { aggregatePoints } from './datadog/aggregate-points.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { renderUrl } from './metric-url.ts';
import { untilAnswered, untilTime } from './question.ts';
import { renderQuery } from './render-query.ts';

const LIMIT = 16 * 1024 * 1024;

/**
 * The points of the query's one series over the trial's window, aggregated to a number (R§11.3; docs.datadoghq.com/api/latest/metrics,
 * "Query timeseries points"), asked once the last of them had time to arrive.
 */
export async function measureDatadog(
  metric: DatadogMetric,
  context: MetricContext,
  deps: Pick<MetricDeps, 'clock' | 'waiting' | 'access'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const { name, type } = metric;
  const { keys } = deps.access;
  // A scope's brace behind a template's needs a space between them, which Datadog need not see.
  const query = renderQuery(metric, metric.query, context.scope).trim().replaceAll(/\s+\}/g, '}');
  const base = renderUrl(metric, query, context.scope, keys);
  const { apiKey, appKey } = keys.datadog;
  if (apiKey === undefined || appKey === undefined) throw new MetricUnavailable(name, query, missingKeys('datadog', keys).join('; '));

  const url = new URL(`${base.pathname.replace(/\/+$/, '')}/api/v1/query`, base);
  const { startTime, completionTime } = context.window;
  url.search = new URLSearchParams({ from: seconds(startTime, Math.floor), to: seconds(completionTime, Math.ceil), query }).toString();
  const question = { name, query, deps, signal };
  await untilTime(question, new Date(Date.parse(completionTime) + metric.delay));
  const { data, raw } = await untilAnswered(question, () =>
    askJson(
      { url, limit: LIMIT, keys: { vendor: 'datadog', headers: { 'DD-API-KEY': apiKey, 'DD-APPLICATION-KEY': appKey } } },
      (document) => document?.errors?.[0] ?? document?.error,
      deps.access,
      signal,
    ),
  );
  const aggregated = aggregatePoints(data, metric.aggregator);
  if ('why' in aggregated) throw new MetricUnavailable(name, query, aggregated.why, { raw });
  return { name, value: aggregated.value, type, query, raw, time: completionTime };
}

function seconds(time: string, round: (value: number) => number): string {
  return String(round(Date.parse(time) / 1000));
}
