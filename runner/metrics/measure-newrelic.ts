import type { NewRelicMetric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { missingKeys } from './access/api-keys.ts';
import { askJson } from './ask-json.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { renderUrl } from './metric-url.ts';
import { readNerdGraph } from './newrelic/read-nerd-graph.ts';
import { readResults } from './newrelic/read-results.ts';
import { untilAnswered, untilTime } from './question.ts';
import { renderQuery } from './render-query.ts';

const LIMIT = 16 * 1024 * 1024;

const DOCUMENT = 'query ($account: Int!, $nrql: Nrql!) { actor { account(id: $account) { nrql(query: $nrql) { results } } } }';

/**
 * The one number that an NRQL query gives for the trial's window, by NerdGraph (R§11.4;
 * docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-nrql-tutorial), asked once the last events had time to arrive.
 */
export async function measureNewRelic(
  metric: NewRelicMetric,
  context: MetricContext,
  deps: Pick<MetricDeps, 'clock' | 'waiting' | 'access'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const { name, type } = metric;
  const { access } = deps;
  const { startTime, completionTime } = context.window;
  const written = renderQuery(metric, metric.query, context.scope).trim();
  const query = `${written} SINCE ${Math.floor(Date.parse(startTime) / 1000)} UNTIL ${Math.ceil(Date.parse(completionTime) / 1000)}`;
  const base = renderUrl(metric, query, context.scope, access.keys);
  const { apiKey, accountId } = access.keys.newrelic;
  const missing = missingKeys('newrelic', access.keys);
  if (apiKey === undefined || missing.length > 0) throw new MetricUnavailable(name, query, missing.join('; '));

  const url = new URL(`${base.pathname.replace(/\/+$/, '')}/graphql`, base);
  const post = { query: DOCUMENT, variables: { account: Number(accountId), nrql: query } };
  const question = { name, query, deps, signal };
  await untilTime(question, new Date(Date.parse(completionTime) + metric.delay));
  const { data, raw } = await untilAnswered(question, async () =>
    readNerdGraph(
      await askJson(
        { url, limit: LIMIT, post, keys: { vendor: 'newrelic', headers: { 'API-Key': apiKey } } },
        (document) => document?.errors?.[0]?.message,
        access,
        signal,
      ),
    ),
  );
  const result = readResults(data);
  if ('why' in result) throw new MetricUnavailable(name, query, result.why, { raw });
  return { name, value: result.value, type, query, raw, time: completionTime };
}
