import type { ScrapeCheck } from '../../model/experiment.ts';
import type { Look } from '../look-until-found.ts';
import { outageOf } from '../ask-json.ts';
import { askPrometheus, type PrometheusServer } from './ask-prometheus.ts';
import { assessTargets, SCRAPE_MARGIN, type ScrapeTarget } from './assess-targets.ts';
import { findSelectors, type Selector } from './selectors.ts';

/** `at` is undefined where nothing is scraped that could be waited for. */
export type FinalScrape = { at: Date | undefined };

/**
 * Looks once for the proof that the server has what the trial left (R§11.2): by its targets, or where it has no targets API, or
 * scrapes nothing itself, by the samples of the query's series. A proof by delay or none needs no look.
 */
export async function lookForFinalScrape(
  by: Extract<ScrapeCheck['by'], 'targets' | 'samples'>,
  server: PrometheusServer,
  query: string,
  completion: Date,
  signal: AbortSignal,
): Promise<Look<FinalScrape>> {
  const selectors = findSelectors(query);
  if (by === 'samples') return lookForSamples(server, selectors, completion, signal);
  const answer = await askPrometheus(server, 'targets', { state: 'active' }, signal);
  if (answer.status === 'Unavailable') return outageOf(answer);
  const targets: ScrapeTarget[] = answer.status === 'Success' ? (answer.data?.activeTargets ?? []) : [];
  if (targets.length === 0) return lookForSamples(server, selectors, completion, signal);
  const state = assessTargets(targets, selectors, completion);
  return state.status === 'Scraped' ? { found: { at: state.at } } : { missing: state.message, transient: false };
}

/** A sample of any of the query's series is enough: others may have ended with the trial, and never have one after it. */
async function lookForSamples(
  server: PrometheusServer,
  selectors: readonly Selector[],
  completion: Date,
  signal: AbortSignal,
): Promise<Look<FinalScrape>> {
  const answers = await Promise.all(
    selectors.map(({ text }) => askPrometheus(server, 'query', { query: `max(timestamp(${text}))` }, signal)),
  );
  const outage = answers.find((answer) => answer.status === 'Unavailable');
  if (outage !== undefined) return outageOf(outage);
  // What is refused here is refused for the query too, where it becomes the metric's error.
  const vectors = answers.flatMap((answer) =>
    answer.status === 'Success' && answer.data?.resultType === 'vector' ? [answer.data.result] : [],
  );
  if (vectors.length === 0) return { found: { at: undefined } };
  const newest = Math.max(...vectors.flat().map(({ value }) => Number(value?.[1]) * 1000));
  if (newest >= completion.getTime() + SCRAPE_MARGIN) return { found: { at: new Date(newest) } };
  return {
    missing: `no sample since the trial ended of ${selectors.map(({ text }) => text).join(', ')}`,
    transient: false,
  };
}
