import { ClusterError, isTransient } from '../cluster/errors.ts';
import type { Cluster, KubeObject, ObjectQuery } from '../cluster/port.ts';
import type { Metric, MetricTarget } from '../model/experiment.ts';
import { formatLabelSelector } from '../model/label-selector.ts';
import { LABELS } from '../model/names.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';

/** What the templates of a metric that asks a server see: its target too, where it has one. */
export async function targetScope(
  metric: Pick<Metric, 'name' | 'query'> & { target?: MetricTarget },
  context: MetricContext,
  { cluster }: Pick<MetricDeps, 'cluster'>,
  signal: AbortSignal,
): Promise<MetricContext['scope'] & { target?: unknown }> {
  if (metric.target === undefined) return context.scope;
  return { ...context.scope, target: await readTarget(metric, metric.target, context, cluster, signal) };
}

/**
 * What a metric's target names in the slot: by name an object, else the list that the selector matches: everything of the kind without one, where the ancestor listed nothing
 * and summed to 0 (R§25.1.9). For the same reason an empty list counts as missing. A Job without name and selector is the trial's own.
 */
export async function readTarget(
  metric: Pick<Metric, 'name' | 'query'>,
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

/** A Job without name and labels is the trial's own. */
export function isOwnJob(target: MetricTarget): boolean {
  return target.apiVersion === 'batch/v1' && target.kind === 'Job' && target.name === undefined && !hasSelector(target);
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
