import { BUNDLED_PROMETHEUS } from '../../model/bundled-prometheus.ts';
import { parseQuantity } from '../../model/quantity.ts';
import type { Finding, Path } from '../locate.ts';
import type { WrittenMetric } from '../metric-schema.ts';
import { finding, type Rule } from './rule.ts';
import { selectorFindings } from './selectors.ts';
import { targetNameFindings } from './target-name.ts';

export const boundsAreOrdered: Rule = forEachMetric(({ min, max }, path) => {
  if (min === undefined || max === undefined || parseQuantity(min)! <= parseQuantity(max)!) return [];
  return [finding([...path, 'max'], `${max} is below min, which is ${min}`)];
});

/** What a Secret holds must not become a recorded number. */
export const targetIsNoSecret: Rule = forEachMetric((metric, path) => {
  if (!('target' in metric)) return [];
  const { apiVersion = 'v1', kind = '' } = metric.target ?? {};
  const isSecret = apiVersion === 'v1' && /^secret(list)?$/i.test(kind);
  return isSecret
    ? [finding([...path, 'target', 'kind'], 'a Secret cannot be the target of a metric, because its content would be recorded')]
    : [];
});

export const metricTargetFits: Rule = forEachMetric((metric, path) => {
  if (!('target' in metric) || metric.target === undefined) return [];
  const at = [...path, 'target'];
  return [...targetNameFindings(metric.target, at), ...selectorFindings(metric.target, at)];
});

/** Without an address the trial's own Prometheus is asked. Whether a shared template installs one is known once it is rendered. */
export const prometheusHasUrl: Rule = ({ experiment: { spec } }) => {
  const isInstalled = (spec.trialTemplate?.spec?.setupTasks ?? []).some(({ helmChart }) => helmChart === BUNDLED_PROMETHEUS);
  if (isInstalled || spec.templateRef !== undefined) return [];
  return spec.metrics.flatMap((metric, index) =>
    metric.type === 'prometheus' && metric.url === undefined
      ? [finding(['spec', 'metrics', index, 'url'], `is required, as no setup task has helmChart: ${BUNDLED_PROMETHEUS}`)]
      : [],
  );
};

/** An address that is still a template is checked when it is rendered. */
export const metricUrlIsHttp: Rule = forEachMetric((metric, path) => {
  if (!('url' in metric) || metric.url === undefined || isTemplate(metric.url)) return [];
  const url = URL.parse(metric.url);
  const at = [...path, 'url'];
  if (url === null || !/^https?:$/.test(url.protocol))
    return [finding(at, `"${metric.url}" is not an http or https URL, such as http://prometheus.monitoring:9090`)];
  return url.username + url.password === '' ? [] : [finding(at, 'has a user name or password in it, which would be recorded; remove them')];
});

/** The last match's one group is the value; more or fewer would leave open which. */
export const logsRegexpHasOneGroup: Rule = forEachMetric((metric, path) => {
  if (metric.type !== 'logs' || metric.format === 'json' || isTemplate(metric.query)) return [];
  const groups = countGroups(metric.query);
  if (groups === 1) return [];
  const problem = groups === undefined ? 'is not a regular expression' : `has ${groups} groups; exactly one must surround the number`;
  return [finding([...path, 'query'], `${JSON.stringify(metric.query)} ${problem}`)];
});

/** undefined for what is no regular expression. */
function countGroups(source: string): number | undefined {
  try {
    return new RegExp(`${source}|`).exec('')!.length - 1;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isTemplate(text: string): boolean {
  return text.includes('{{');
}

function forEachMetric(ofOne: (metric: WrittenMetric, path: Path) => Finding[]): Rule {
  return ({ experiment: { spec } }) => spec.metrics.flatMap((metric, index) => ofOne(metric, ['spec', 'metrics', index]));
}
