import type { JsonObject } from '../../model/experiment.ts';
import { escapeText } from '../../template/go/text.ts';
import type { Path } from '../locate.ts';
import { convertReference } from './convert-patch.ts';
import { asObject, isObject, omit, textOf, withoutNulls } from './json.ts';
import type { Report } from './report.ts';
import { translateText } from './templates.ts';

export type MetricPlace = {
  path: Path;
  slot: unknown;
  /** Where a Prometheus is asked whose address the file leaves open; undefined: the one that the trial itself brings. */
  prometheusUrl: string | undefined;
  report: Report;
};

/** What a query was sent to before there was `url` (R§A.9). */
const SERVICE_FIELDS = ['scheme', 'selector', 'port', 'path'];

/** A host that the ancestor's own conversion put where it knew none (R§1). */
const PLACEHOLDER = 'redskyops.dev';

export function convertMetric(written: unknown, place: MetricPlace): unknown {
  if (!isObject(written)) return written;
  const { path, report } = place;
  const metric = withoutNulls(written);
  const common = {
    ...metric,
    query: translateText(metric.query, 'query', [...path, 'query'], report),
    ...(metric.errorQuery === undefined ? {} : { errorQuery: translateText(metric.errorQuery, 'query', [...path, 'errorQuery'], report) }),
  };
  switch (metric.type ?? '') {
    case '':
    case 'local':
    case 'kubernetes':
    case 'pods':
      return ofKubernetes(common, place);
    case 'prometheus':
      return ofServer(common, place, () => (place.prometheusUrl === undefined ? {} : { url: place.prometheusUrl }));
    case 'jsonpath':
      return withoutErrorQuery(
        ofServer(common, place, () => refuseMissingUrl(place)),
        place,
      );
    case 'datadog':
      return withoutErrorQuery(ofDatadog(common, place), place);
    default:
      return withoutErrorQuery(common, place);
  }
}

function ofKubernetes(metric: JsonObject, place: MetricPlace): JsonObject {
  const { type, target, selector, ...rest } = metric;
  const unused = [...SERVICE_FIELDS, 'url'].filter((field) => field !== 'selector' && rest[field] !== undefined && rest[field] !== '');
  for (const field of unused)
    place.report.notices.push({ path: [...place.path, field], message: 'has no meaning for this type of metric and is left out' });
  const kept = withoutErrorQuery(omit(rest, [...SERVICE_FIELDS, 'url']), place);
  if (type === 'pods') {
    if (selector !== undefined) place.report.moves.push({ to: [...place.path, 'target'], from: [...place.path, 'selector'] });
    return {
      ...kept,
      target: { apiVersion: 'v1', kind: 'PodList', ...everything(asObject(selector), 'PodList', [...place.path, 'selector'], place) },
    };
  }
  if (!isObject(target)) return target === undefined ? kept : { ...kept, target };
  if (target.kind === undefined || target.kind === '') {
    place.report.notices.push({ path: [...place.path, 'target'], message: 'names no kind, which meant the trial itself, and is left out' });
    return kept;
  }
  const path = [...place.path, 'target'];
  const reference = asObject(convertReference(target, path, place.slot, place.report));
  return { ...kept, target: everything(reference, textOf(target.kind), path, place) };
}

/** A selector that was not there selected nothing, and the sum over nothing was 0 (R§25.1.9); here it selects everything. */
function everything(target: JsonObject, kind: string, path: Path, { report }: MetricPlace): JsonObject {
  const selects = ['name', 'matchLabels', 'matchExpressions'].some((field) => target[field] !== undefined);
  if (!selects && kind.endsWith('List')) {
    report.notices.push({
      path,
      message: `selects nothing, which gave 0 in Red Sky; here it is every ${kind.slice(0, -4)} of the slot, so name labels if that is too much`,
    });
  }
  return target;
}

/** Metrics that ask a server: by its url, which was no template, or by the Services of the slot that labels select. */
function ofServer(metric: JsonObject, place: MetricPlace, byDefault: () => JsonObject): JsonObject {
  const { url, target, selector = target, ...rest } = metric;
  const kept = omit(rest, SERVICE_FIELDS);
  const address = typeof url === 'string' && url !== '' ? URL.parse(url) : undefined;
  if (typeof url === 'string' && url !== '' && (address === null || address?.hostname !== PLACEHOLDER))
    return { ...kept, url: escapeText(url) };
  if (url !== undefined && typeof url !== 'string') return { ...kept, url };
  const labels = asObject(selector);
  const { matchLabels, matchExpressions } = labels;
  if (matchLabels === undefined && matchExpressions === undefined) return { ...kept, ...byDefault() };
  if (metric.type === 'prometheus' && isBundledSelector(labels)) return { ...kept, ...byDefault() };

  const from = [...place.path, selector === target ? 'target' : 'selector'];
  place.report.moves.push({ to: [...place.path, 'target'], from }, { to: [...place.path, 'url'], from });
  const port = address?.port ? Number(address.port) : rest.port;
  const scheme = address?.protocol.slice(0, -1) ?? (textOf(rest.scheme) || 'http');
  const path = address ? `${address.pathname}${address.search}` : `/${textOf(rest.path).replace(/^\/+/, '')}`;
  const service =
    port === undefined || port === '' || port === 0 ? 'serviceAddress target' : `serviceAddress target ${JSON.stringify(port)}`;
  return {
    ...kept,
    url: `${scheme}://{{${service}}}${escapeText(path)}`,
    target: {
      apiVersion: 'v1',
      kind: 'ServiceList',
      ...(matchLabels === undefined ? {} : { matchLabels }),
      ...(matchExpressions === undefined ? {} : { matchExpressions }),
    },
  };
}

/** The Service of the Prometheus that a setup task installed. */
function isBundledSelector({ matchLabels, matchExpressions }: JsonObject): boolean {
  return matchExpressions === undefined && JSON.stringify(matchLabels) === '{"app":"prometheus"}';
}

function refuseMissingUrl({ path, report }: MetricPlace): JsonObject {
  report.findings.push({
    path,
    message: 'says neither by url nor by the labels of a Service where to ask; write url: http://HOST:PORT/PATH',
  });
  return {};
}

/** The aggregator was the scheme, and then a part of the url (R§1). */
function ofDatadog(metric: JsonObject, { path, report }: MetricPlace): JsonObject {
  const { scheme, url, ...rest } = metric;
  const kept = omit(rest, SERVICE_FIELDS);
  const inUrl = new URLSearchParams(textOf(url).replace(/^[^?]*/, '')).get('aggregator');
  const aggregator = inUrl ?? textOf(scheme);
  if (aggregator === '') return kept;
  report.moves.push({ to: [...path, 'aggregator'], from: [...path, inUrl === null ? 'scheme' : 'url'] });
  return { ...kept, aggregator };
}

function withoutErrorQuery(metric: JsonObject, { path, report }: MetricPlace): JsonObject {
  if (metric.errorQuery === undefined) return metric;
  if (metric.errorQuery !== '')
    report.notices.push({ path: [...path, 'errorQuery'], message: 'was used for prometheus metrics alone and is left out' });
  return omit(metric, ['errorQuery']);
}
