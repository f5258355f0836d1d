import { ClusterError, isTransient } from '../cluster/errors.ts';
import type { Cluster, KubeObject, ObjectQuery } from '../cluster/port.ts';
import type { KubernetesMetric, MetricTarget } from '../model/experiment.ts';
import { formatLabelSelector } from '../model/label-selector.ts';
import { LABELS } from '../model/names.ts';
import type { MetricValue } from '../model/record.ts';
import { cutAnswer } from './cut-answer.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import type { Look } from './look-until-found.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { parseFinite } from './parse-finite.ts';
import { untilFound } from './question.ts';
import { renderQuery } from './render-query.ts';

/**
 * The number that the query renders to over trial, window and target (R§11.1). The recorded query is the template, as what it renders
 * to is the raw answer. What the trial's own Job lacks is waited for until that Job has finished.
 */
export async function measureKubernetes(
  metric: KubernetesMetric,
  context: MetricContext,
  deps: Pick<MetricDeps, 'cluster' | 'clock' | 'waiting'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const { name, query } = metric;
  const { raw, time } = await untilFound({ name, query, deps, signal }, async (): Promise<Look<{ raw: string; time: string }>> => {
    const target = metric.target === undefined ? context.trial : await readTarget(metric, metric.target, context, deps.cluster, signal);
    const time = deps.clock.now().toISOString();
    try {
      const raw = renderQuery(metric, query, { ...context.scope, ...(target !== undefined && { target }) }).trim();
      return { found: { raw, time } };
    } catch (error) {
      if (!(error instanceof MetricUnavailable) || metric.target === undefined || !isOwnJob(metric.target) || isFinished(target))
        throw error;
      // A trial ends with its pod, about a second before the Job's status says so.
      return { missing: `the trial's Job has not finished: ${error.message}`, transient: false };
    }
  });
  const value = parseFinite(raw);
  if (value === undefined) {
    throw new MetricUnavailable(name, query, 'the query must render to a finite decimal number', {
      raw: cutAnswer(raw),
    });
  }
  return { name, value, type: metric.type, query, raw: cutAnswer(raw), time };
}

function isOwnJob(target: MetricTarget): boolean {
  return target.apiVersion === 'batch/v1' && target.kind === 'Job' && target.name === undefined && !hasSelector(target);
}

function isFinished(job: any): boolean {
  const conditions: { type: string; status: string }[] = job?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True');
}

/**
 * By name an object, else the list that the selector matches: everything of the kind without one, where the ancestor listed nothing
 * and summed to 0 (R§25.1.9). For the same reason an empty list counts as missing. A Job without name and selector is the trial's own.
 */
async function readTarget(
  metric: KubernetesMetric,
  target: MetricTarget,
  { namespace, scope }: MetricContext,
  cluster: Pick<Cluster, 'read' | 'list'>,
  signal: AbortSignal,
): Promise<unknown> {
  const { apiVersion, name } = target;
  const kind = target.kind.replace(/List$/, '');
  const missing = (what: string, cause?: unknown, transient = false) =>
    new MetricUnavailable(metric.name, metric.query, `target ${what}`, { transient, cause });
  if (apiVersion === 'v1' && kind === 'Secret') throw missing('must not be a Secret: what it holds would be recorded');

  try {
    if (name !== undefined) {
      const object = await cluster.read({ apiVersion, kind, name, namespace }, signal);
      if (object === undefined) throw missing(`${kind} ${namespace}/${name} does not exist`);
      return object;
    }
    const ofTrial = isOwnJob(target);
    const selector = ofTrial ? { matchLabels: { [LABELS.trial]: scope.trial.name, [LABELS.role]: 'trialRun' } } : target;
    const items = await list(cluster, { apiVersion, kind, namespace, labelSelector: formatLabelSelector(selector) }, signal);
    if (items.length === 0) throw missing(`${kind} in ${namespace} matches nothing${describe(formatLabelSelector(selector))}`);
    return ofTrial ? items[0] : { apiVersion, kind: `${kind}List`, items };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    throw missing(`${kind} in ${namespace} cannot be read: ${error.message}`, error, isTransient(error));
  }
}

function hasSelector({ matchLabels, matchExpressions }: MetricTarget): boolean {
  return matchLabels !== undefined || matchExpressions !== undefined;
}

async function list(cluster: Pick<Cluster, 'list'>, { labelSelector, ...query }: ObjectQuery, signal: AbortSignal): Promise<KubeObject[]> {
  const { items } = await cluster.list({ ...query, ...(labelSelector && { labelSelector }) }, signal);
  return items;
}

function describe(labelSelector: string): string {
  return labelSelector === '' ? '' : ` with labels ${labelSelector}`;
}
