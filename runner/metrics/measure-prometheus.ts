import type { PrometheusMetric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { renderUrl } from './metric-url.ts';
import { askPrometheus, type PrometheusServer } from './prometheus/ask-prometheus.ts';
import { lookForFinalScrape } from './prometheus/final-scrape.ts';
import { readSample } from './prometheus/read-sample.ts';
import { untilAnswered, untilFound, untilTime, type Question as AnyQuestion } from './question.ts';
import { targetScope } from './read-target.ts';
import { renderQuery } from './render-query.ts';

/**
 * The query's value at the trial's completion, once the final scrape is there, or at the time of that scrape when there is none at
 * completion (R§11.2). The error query is asked for the same time; without data it gives no error.
 */
export async function measurePrometheus(
  metric: PrometheusMetric,
  context: MetricContext,
  deps: Pick<MetricDeps, 'cluster' | 'clock' | 'waiting' | 'access'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const { name } = metric;
  const scope = await targetScope(metric, context, deps, signal);
  const query = renderQuery(metric, metric.query, scope).trim();
  const errorQuery = metric.errorQuery === undefined ? undefined : renderQuery(metric, metric.errorQuery, scope).trim();
  const url = renderUrl(metric, query, scope, deps.access.keys);
  const completion = new Date(context.window.completionTime);
  const question: Question = { name, query, server: { url, access: deps.access }, deps, signal };

  const scrape = await awaitFinalScrape(question, metric, completion);
  const { time, raw, ...reading } = await readValue(question, completion, scrape);
  if (reading.value === undefined) throw new MetricUnavailable(name, query, `${reading.why} at ${time.toISOString()}`, { raw });
  const error = errorQuery === undefined ? undefined : (await ask({ ...question, query: errorQuery }, time)).value;
  return {
    name,
    value: reading.value,
    ...(error !== undefined && { error }),
    type: metric.type,
    query,
    raw,
    time: time.toISOString(),
  };
}

type Question = AnyQuestion & { server: PrometheusServer };

type Reading = { time: Date; raw: string } & ({ value: number } | { value: undefined; why: string });

/** When the server had everything that the trial left, as far as that is known. */
async function awaitFinalScrape(question: Question, { scrapeCheck: check }: PrometheusMetric, completion: Date): Promise<Date | undefined> {
  const { query, server, signal } = question;
  switch (check.by) {
    case 'none':
      return undefined;
    case 'delay':
      return untilTime(question, new Date(completion.getTime() + check.delay));
    case 'targets':
    case 'samples': {
      const { at } = await untilFound(question, () => lookForFinalScrape(check.by, server, query, completion, signal));
      return at;
    }
  }
}

async function readValue(question: Question, completion: Date, scrape: Date | undefined): Promise<Reading> {
  const reading = await ask(question, completion);
  if (reading.value !== undefined || scrape === undefined || scrape <= completion) return reading;
  // A server tells of a scrape a moment before its samples can be queried (prometheus/scrape/scrape.go: scrapeAndReport).
  let looks = 0;
  return await untilFound<Reading>(question, async () => {
    const later = await ask(question, scrape);
    looks += 1;
    return later.value !== undefined || looks > 1
      ? { found: later }
      : { missing: `${later.why} at ${scrape.toISOString()}`, transient: false };
  });
}

/** Throws MetricUnavailable when the answer is of no use at whatever time. */
async function ask(question: Question, time: Date): Promise<Reading> {
  const { name, query, server, signal } = question;
  const { data, raw } = await untilAnswered(question, () => askPrometheus(server, 'query', { query, time: time.toISOString() }, signal));
  const sample = readSample(data);
  if (sample.status === 'Unusable') throw new MetricUnavailable(name, query, sample.why, { raw });
  return { time, raw, ...(sample.status === 'Value' ? { value: sample.value } : { value: undefined, why: sample.why }) };
}
