import type { JsonPathMetric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { askJson } from './ask-json.ts';
import { parseJsonPath } from './json-path.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { renderUrl } from './metric-url.ts';
import { parseFinite } from './parse-finite.ts';
import { untilAnswered } from './question.ts';
import { targetScope } from './read-target.ts';
import { renderQuery } from './render-query.ts';

const LIMIT = 16 * 1024 * 1024;

/** The one match of a JSONPath in the document that a GET brings, a number or the text of one (R§11.5). */
export async function measureJsonPath(
  metric: JsonPathMetric,
  context: MetricContext,
  deps: Pick<MetricDeps, 'cluster' | 'clock' | 'waiting' | 'access'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const { name, type } = metric;
  const scope = await targetScope(metric, context, deps, signal);
  const query = renderQuery(metric, metric.query, scope).trim();
  const path = parseJsonPath(query);
  if ('problem' in path) throw new MetricUnavailable(name, query, path.problem);
  const url = renderUrl(metric, query, scope, deps.access.keys);

  const { data, raw } = await untilAnswered({ name, query, deps, signal }, () =>
    askJson({ url, limit: LIMIT }, (document) => document?.message ?? document?.error, deps.access, signal),
  );
  const time = deps.clock.now().toISOString();
  const matches = path.matches(data);
  if (matches === undefined) throw new MetricUnavailable(name, query, 'the document nests too deeply to be searched by ".."', { raw });
  const [match, ...others] = matches;
  if (match === undefined) throw new MetricUnavailable(name, query, 'no match', { raw });
  if (others.length > 0) throw new MetricUnavailable(name, query, `${others.length + 1} matches where one is needed`, { raw });
  const value = typeof match === 'number' || typeof match === 'string' ? parseFinite(String(match)) : undefined;
  if (value === undefined) throw new MetricUnavailable(name, query, `the match ${shown(match)} is not a finite decimal number`, { raw });
  return { name, value, type, query, raw, time };
}

function shown(match: unknown): string {
  if (Array.isArray(match)) return 'is a list, which';
  if (typeof match === 'object' && match !== null) return 'is an object, which';
  return JSON.stringify(match).slice(0, 100);
}
