import type { Metric } from '../model/experiment.ts';
import type { QueryScope } from '../model/trial.ts';
import type { ApiKeys } from './access/api-keys.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { renderQuery } from './render-query.ts';

/** The template of the address that a metric asks; undefined for the types that ask the cluster alone. */
export function metricUrl(metric: Metric, keys: ApiKeys): string | undefined {
  switch (metric.type) {
    case 'prometheus':
    case 'jsonpath':
      return metric.url;
    case 'datadog':
      return metric.url ?? `https://api.${keys.datadog.site ?? 'datadoghq.com'}`;
    case 'newrelic':
      return metric.url ?? 'https://api.newrelic.com';
    case 'kubernetes':
    case 'logs':
      return undefined;
  }
}

/** A rendered address, or what is wrong with it. */
export function parseUrl(text: string): URL | { problem: string } {
  const url = URL.parse(text.trim());
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return { problem: `url must render to an http or https URL, got ${JSON.stringify(text.trim())}` };
  if (url.username + url.password !== '') return { problem: `url must not hold credentials, the one for ${url.host} does` };
  return url;
}

/** The address that a metric of this trial asks; throws MetricUnavailable, with the query as it is asked. */
export function renderUrl(metric: Metric, query: string, scope: Omit<QueryScope, 'target'>, keys: ApiKeys): URL {
  const url = parseUrl(renderQuery(metric, metricUrl(metric, keys) ?? '', scope));
  if ('problem' in url) throw new MetricUnavailable(metric.name, query, url.problem);
  return url;
}
