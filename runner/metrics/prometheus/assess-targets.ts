import type { Selector } from './selectors.ts';

/** What GET /api/v1/targets says of an active target. */
export type ScrapeTarget = {
  labels: Record<string, string>;
  health: 'up' | 'down' | 'unknown';
  /** RFC 3339 with nanoseconds, the year 1 before the first scrape. */
  lastScrape: string;
  lastError?: string;
};

export type TargetsState = { status: 'Scraped'; at: Date } | { status: 'Waiting'; message: string };

/**
 * Kubernetes tells the end of a container in whole seconds, so that a scrape in the same second may be older than it. (The ancestor
 * waited for 5 s, R§11.2.)
 */
export const SCRAPE_MARGIN = 1_000;

/**
 * Whether every target that matters is healthy and was scraped after the trial's completion, and when the last of them was. The
 * targets whose labels one of the query's selectors names matter, those of other selectors do not; all of them when no target is named.
 */
export function assessTargets(targets: readonly ScrapeTarget[], selectors: readonly Selector[], completion: Date): TargetsState {
  const named = targets.filter(({ labels }) => selectors.some((selector) => names(selector, labels)));
  const relevant = named.length > 0 ? named : targets;
  const why = named.length > 0 ? '' : ' (every target matters, as the query selects none by its labels)';

  const sick = relevant.filter(({ health }) => health !== 'up');
  if (sick.length > 0) return { status: 'Waiting', message: `scrape target ${sick.map(describeHealth).join(', ')}${why}` };
  const times = relevant.map(({ lastScrape }) => Date.parse(lastScrape));
  const late = relevant.filter((_, index) => times[index]! < completion.getTime() + SCRAPE_MARGIN);
  if (late.length > 0) return { status: 'Waiting', message: `no scrape since the trial ended of ${late.map(describe).join(', ')}${why}` };
  return { status: 'Scraped', at: new Date(Math.max(...times)) };
}

/** Labels that a target does not have come from its samples; they say nothing about targets. */
function names({ equals }: Selector, labels: Record<string, string>): boolean {
  const shared = [...equals].filter(([label, value]) => value !== '' && Object.hasOwn(labels, label));
  return shared.length > 0 && shared.every(([label, value]) => labels[label] === value);
}

function describeHealth(target: ScrapeTarget): string {
  if (target.health === 'unknown') return `${describe(target)} was not scraped yet`;
  // The query of a scrape's URL may hold a token.
  const error = target.lastError ? `: ${target.lastError.replaceAll(/\?[^"\s]*/g, '')}` : '';
  return `${describe(target)} is ${target.health}${error}`;
}

function describe({ labels: { job = '', instance = '' } }: ScrapeTarget): string {
  return `${job} ${instance}`.trim();
}
