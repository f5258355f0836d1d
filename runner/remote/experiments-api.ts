import type { ApiAnswer, ApiHttp, ApiRequest } from './api-http.ts';
import { parseLinks, type Links } from './links.ts';
import type { AssignmentPayload, AssignmentsPayload, ExperimentPayload, ReportPayload, TrialStatus } from './payloads.ts';
import { RemoteError } from './remote-error.ts';

/** An object of the API with the links that came along; `name` is the last segment of its own URL. */
export type Resource = { url: string; name: string; links: Links; title?: string; lastModified?: Date };
export type RemoteExperiment = Resource & { experiment: Partial<ExperimentPayload> };
export type RemoteTrial = Resource & { assignments: AssignmentPayload[]; labels: Record<string, string>; status: string; number?: number };
export type HandedOutTrial = { url: string; assignments: AssignmentPayload[]; labels: Record<string, string> };

export type ListQuery = { offset?: number; limit?: number; labels?: Record<string, string> };

/**
 * The Experiments API (R§22). URLs are those that its links gave; `ref` may be a name as well. All reject with RemoteError, whose reasons
 * are those of R§22.1. Everything is repeated within limits, except what would be done twice by it: `next` and `suggest` are only
 * repeated when the server cannot have seen them.
 */
export type ExperimentsApi = {
  /** Whether a URL is of this API's server; no other is asked. */
  covers(url: string): boolean;
  /** Whether the credentials are accepted. */
  check(signal: AbortSignal): Promise<void>;
  list(query: ListQuery, signal: AbortSignal): Promise<RemoteExperiment[]>;
  get(ref: string, signal: AbortSignal): Promise<RemoteExperiment>;
  create(ref: string, experiment: ExperimentPayload, signal: AbortSignal): Promise<RemoteExperiment>;
  remove(url: string, signal: AbortSignal): Promise<void>;
  /** Of an experiment or a trial, by its `labels` link. */
  label(url: string, labels: Record<string, string>, signal: AbortSignal): Promise<void>;
  /** All pages. */
  trials(url: string, query: ListQuery & { status?: readonly TrialStatus[] }, signal: AbortSignal): Promise<RemoteTrial[]>;
  /** Resolves with the URL of the queued trial, where the server gives it. */
  suggest(url: string, suggestion: AssignmentsPayload, signal: AbortSignal): Promise<string | undefined>;
  next(url: string, signal: AbortSignal): Promise<HandedOutTrial>;
  report(url: string, report: ReportPayload, signal: AbortSignal): Promise<void>;
  abandon(url: string, signal: AbortSignal): Promise<void>;
};

/** `base` is the URL of all experiments, with a slash at its end. */
export function openExperimentsApi(base: string, http: ApiHttp): ExperimentsApi {
  const at = (ref: string) => (URL.canParse(ref) ? ref : new URL(encodeURIComponent(ref), base).href);

  return {
    covers: (url) => URL.parse(url)?.origin === new URL(base).origin,

    async check(signal) {
      await http({ method: 'HEAD', url: base, tolerated: [404, 405], repeatable: true }, signal);
    },

    async list(query, signal) {
      const items = await all('experiments', withQuery(base, query), http, signal);
      return items.map(({ item, resource }) => ({ ...resource, experiment: item as Partial<ExperimentPayload> }));
    },

    async get(ref, signal) {
      const request = { method: 'GET', url: at(ref), errors: { 404: 'experiment-not-found' }, repeatable: true } as const;
      return experimentOf(await http(request, signal));
    },

    async create(ref, body, signal) {
      const errors = { 400: 'experiment-name-invalid', 409: 'experiment-name-conflict', 422: 'experiment-invalid' } as const;
      const created = experimentOf(await http({ method: 'PUT', url: at(ref), body, errors, repeatable: true }, signal));
      const missing = ['trials', 'next-trial'].filter((relation) => !created.links.has(relation));
      if (missing.length === 0) return created;
      throw new RemoteError('unexpected', `PUT ${at(ref)}: the answer has no link ${missing.join(' and no link ')}`);
    },

    async remove(url, signal) {
      await http({ method: 'DELETE', url, errors: { 404: 'experiment-not-found' }, repeatable: true }, signal);
    },

    async label(url, labels, signal) {
      const errors = { 404: 'trial-not-found', 422: 'trial-invalid' } as const;
      await http({ method: 'POST', url, body: { labels }, errors, repeatable: true }, signal);
    },

    async trials(url, { status = [], ...query }, signal) {
      const first = withQuery(url, { ...query, ...(status.length > 0 && { status: status.join(',') }) });
      const items = await all('trials', first, http, signal);
      const trials = items.map(({ item, resource }) => ({
        ...resource,
        assignments: assignmentsOf(item),
        labels: labelsOf(item),
        status: typeof item['status'] === 'string' ? item['status'] : '',
        ...(typeof item['number'] === 'number' && { number: item['number'] }),
      }));
      // A server that does not know the filter gives them all.
      return trials.filter((trial) => status.length === 0 || trial.status === '' || status.some((each) => each === trial.status));
    },

    async suggest(url, body, signal) {
      const errors = { 404: 'experiment-not-found', 409: 'experiment-stopped', 422: 'trial-invalid' } as const;
      return locationOf(await http({ method: 'POST', url, body, errors, repeatable: false }, signal));
    },

    async next(url, signal) {
      const errors = { 404: 'experiment-not-found', 410: 'experiment-stopped', 503: 'trial-unavailable' } as const;
      const answer = await http({ method: 'POST', url, errors, repeatable: false }, signal);
      const location = locationOf(answer);
      if (location === undefined || answer.body === undefined)
        throw new RemoteError('unexpected', `POST ${url}: the answer has no Location and assignments of a trial`, { uncertain: true });
      return { url: location, assignments: assignmentsOf(answer.body), labels: labelsOf(answer.body) };
    },

    async report(url, body, signal) {
      const errors = { 404: 'trial-not-found', 409: 'trial-already-reported', 422: 'trial-invalid' } as const;
      await http({ method: 'POST', url, body, errors, repeatable: true }, signal);
    },

    async abandon(url, signal) {
      await http({ method: 'DELETE', url, errors: { 404: 'trial-not-found' }, repeatable: true }, signal);
    },
  };
}

type Item = { item: Record<string, unknown>; resource: Resource };

/** More pages than any experiment has trials for: a server whose `next` leads in circles. */
const MOST_PAGES = 1_000;

/** The items of a list, over all of its pages. */
async function all(field: string, first: string, http: ApiHttp, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let url: string | undefined = first;
  for (let page = 0; url !== undefined && page < MOST_PAGES; page += 1) {
    const request: ApiRequest = { method: 'GET', url, errors: { 404: 'experiment-not-found' }, repeatable: true };
    const answer: ApiAnswer = await http(request, signal);
    const list = (answer.body as Record<string, unknown> | undefined)?.[field];
    if (Array.isArray(list)) items.push(...list.map((item: Record<string, unknown>) => itemOf(item, answer.url)));
    url = parseLinks(answer.headers['link'], answer.url).get('next');
  }
  return items;
}

function itemOf(item: Record<string, unknown>, base: string): Item {
  const metadata = new Map(
    Object.entries((item['_metadata'] ?? {}) as Record<string, unknown>).map(([key, value]) => [key.toLowerCase(), value]),
  );
  return { item, resource: resourceOf(metadata.get('link'), metadata.get('title'), metadata.get('last-modified'), undefined, base) };
}

function experimentOf({ headers, body, url }: ApiAnswer): RemoteExperiment {
  const resource = resourceOf(headers['link'], headers['title'], headers['last-modified'], headers['location'], url);
  return { ...resource, experiment: body ?? {} };
}

function resourceOf(link: unknown, title: unknown, modified: unknown, location: unknown, base: string): Resource {
  const links = parseLinks(link, base);
  const url = links.get('self') ?? (typeof location === 'string' ? URL.parse(location, base)?.href : undefined) ?? base;
  const lastModified = typeof modified === 'string' ? new Date(modified) : undefined;
  return {
    url,
    name: decodeURIComponent(new URL(url).pathname.replace(/\/+$/, '').split('/').at(-1) ?? ''),
    links,
    ...(typeof title === 'string' && { title }),
    ...(lastModified !== undefined && !Number.isNaN(lastModified.getTime()) && { lastModified }),
  };
}

function locationOf({ headers, url }: ApiAnswer): string | undefined {
  const { location } = headers;
  return typeof location === 'string' ? URL.parse(location, url)?.href : undefined;
}

/** Whatever else stands there is left out: what is missing then is told where the trial is checked. */
function assignmentsOf(body: unknown): AssignmentPayload[] {
  const { assignments } = body as { assignments?: unknown };
  if (!Array.isArray(assignments)) return [];
  return assignments.filter(
    (each: Partial<AssignmentPayload> | null): each is AssignmentPayload =>
      typeof each?.parameterName === 'string' && (typeof each.value === 'number' || typeof each.value === 'string'),
  );
}

function labelsOf(body: unknown): Record<string, string> {
  const { labels } = body as { labels?: unknown };
  if (typeof labels !== 'object' || labels === null) return {};
  return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Label selectors sorted and joined, as the contract has them; a URL's own query stays. */
function withQuery(url: string, { offset, limit, labels = {}, status }: ListQuery & { status?: string }): string {
  const target = new URL(url);
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(',');
  const parameters = { offset: offset || undefined, limit: limit || undefined, labelSelector: selector || undefined, status };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) target.searchParams.set(name, String(value));
  return target.href;
}
