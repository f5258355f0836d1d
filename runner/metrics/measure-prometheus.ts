import type { PrometheusMetric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { lookUntilFound, type Look } from './look-until-found.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { askPrometheus } from './prometheus/ask-prometheus.ts';
import { lookForFinalScrape } from './prometheus/final-scrape.ts';
import { readSample } from './prometheus/read-sample.ts';
import { renderQuery } from './render-query.ts';

/**
 * The query's value at the trial's completion, once the final scrape is there, or at the time of that scrape when there is none at
 * completion (R§11.2). The error query is asked for the same time; without data it gives no error.
 */
export async function measurePrometheus(
  metric: PrometheusMetric,
  context: MetricContext,
  deps: Pick<MetricDeps, 'clock' | 'waiting'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const query = renderQuery(metric, metric.query, context.scope).trim();
  const errorQuery = metric.errorQuery === undefined ? undefined : renderQuery(metric, metric.errorQuery, context.scope).trim();
  const server = parseServer(metric, query, renderQuery(metric, metric.url, context.scope).trim());
  const completion = new Date(context.window.completionTime);
  const question: Question = { metric, query, server, deps, signal };

  const scrape = await awaitFinalScrape(question, completion);
  const { time, raw, ...reading } = await readValue(question, completion, scrape);
  if (reading.value === undefined) throw new MetricUnavailable(metric.name, query, `${reading.why} at ${time.toISOString()}`, { raw });
  const error = errorQuery === undefined ? undefined : (await ask({ ...question, query: errorQuery }, time)).value;
  return {
    name: metric.name,
    value: reading.value,
    ...(error !== undefined && { error }),
    type: metric.type,
    query,
    raw,
    time: time.toISOString(),
  };
}

type Question = {
  metric: PrometheusMetric;
  /** Rendered. */
  query: string;
  server: URL;
  deps: Pick<MetricDeps, 'clock' | 'waiting'>;
  signal: AbortSignal;
};

type Reading = { time: Date; raw: string } & ({ value: number } | { value: undefined; why: string });

function parseServer(metric: PrometheusMetric, query: string, url: string): URL {
  const server = URL.canParse(url) ? new URL(url) : undefined;
  if (server === undefined || !['http:', 'https:'].includes(server.protocol)) {
    throw new MetricUnavailable(metric.name, query, `url must render to an http or https URL, got ${JSON.stringify(url)}`);
  }
  if (server.username !== '' || server.password !== '') {
    throw new MetricUnavailable(metric.name, query, `url must not hold credentials, the one for ${server.host} does`);
  }
  return server;
}

/** When the server had everything that the trial left, as far as that is known. */
async function awaitFinalScrape(question: Question, completion: Date): Promise<Date | undefined> {
  const { metric, query, server, deps, signal } = question;
  const check = metric.scrapeCheck;
  switch (check.by) {
    case 'none':
      return undefined;
    case 'delay': {
      const end = new Date(completion.getTime() + check.delay);
      return await untilFound<Date>(question, async () => {
        if (deps.clock.now() >= end) return { found: end };
        return { missing: `the last samples are waited for until ${end.toISOString()}`, transient: false };
      });
    }
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
  const { metric, query, server, signal } = question;
  return await untilFound<Reading>(question, async () => {
    const answer = await askPrometheus(server, 'query', { query, time: time.toISOString() }, signal);
    if (answer.status === 'Unavailable') return { missing: answer.message, transient: true };
    if (answer.status === 'Refused') throw new MetricUnavailable(metric.name, query, answer.message, { raw: answer.raw });
    const sample = readSample(answer.data);
    if (sample.status === 'Unusable') throw new MetricUnavailable(metric.name, query, sample.why, { raw: answer.raw });
    const reading = sample.status === 'Value' ? { value: sample.value } : { value: undefined, why: sample.why };
    return { found: { time, raw: answer.raw, ...reading } };
  });
}

function untilFound<Found>({ metric, query, deps, signal }: Question, look: () => Promise<Look<Found>>): Promise<Found> {
  const waiting = (message: string) => deps.waiting(`metric ${metric.name}: ${message}`);
  const giveUp = (missing: string, transient: boolean) =>
    new MetricUnavailable(metric.name, query, missing, { transient, cause: signal.reason });
  return lookUntilFound(look, giveUp, { clock: deps.clock, waiting }, signal);
}
