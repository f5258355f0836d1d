import { ClusterError, isTransient } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import type { LogsMetric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { cutAnswer, lastLines } from './cut-answer.ts';
import { findInJson, findInText } from './find-in-log.ts';
import type { MetricContext, MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';
import { renderQuery } from './render-query.ts';

const TAIL_LINES = 5000;
const LIMIT = 10 * 1024 * 1024;

/** The last match in the last 5000 lines (at most 10 MiB) of the trial Job's container. */
export async function measureLogs(
  metric: LogsMetric,
  context: MetricContext,
  { cluster, clock }: Pick<MetricDeps, 'cluster' | 'clock'>,
  signal: AbortSignal,
): Promise<MetricValue> {
  const query = renderQuery(metric, metric.query, context.scope).replace(/\n+$/, '');
  const unavailable = (why: string, options?: { raw?: string; transient?: boolean; cause?: unknown }) =>
    new MetricUnavailable(metric.name, query, why, options);
  const pod = lastToEnd(context.jobPods);
  if (pod === undefined) throw unavailable('the trial Job has no pod whose log could be read');
  const container = metric.container ?? defaultContainer(pod);
  const where = `the log of pod ${pod.metadata.name}${container === undefined ? '' : `, container ${container}`}`;

  const log = await readLog(pod, container, context.namespace, cluster, signal).catch((error: unknown) => {
    if (!(error instanceof ClusterError)) throw error;
    throw unavailable(`${where} cannot be read: ${error.message}`, { transient: isTransient(error), cause: error });
  });
  // The server counts the limit from the beginning of the tail, so that the end would be missing.
  if (Buffer.byteLength(log) >= LIMIT) throw unavailable(`${where} has more than 10 MiB in its last ${TAIL_LINES} lines`);
  const finding = metric.format === 'json' ? findInJson(log, query) : findInText(log, query);
  if (finding.status === 'None') throw unavailable(`${finding.why} in ${where}`, { raw: lastLines(log) });
  return {
    name: metric.name,
    value: finding.value,
    type: metric.type,
    query,
    raw: cutAnswer(finding.raw),
    time: clock.now().toISOString(),
  };
}

/** The pod whose log counts where a Job had several: of those that succeeded, or else of all, the one that ended last. */
function lastToEnd(pods: readonly KubeObject[]): KubeObject | undefined {
  const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded');
  return (succeeded.length > 0 ? succeeded : pods).toSorted((a, b) => endedAt(b) - endedAt(a))[0];
}

function endedAt(pod: KubeObject): number {
  const statuses: any[] = pod.status?.containerStatuses ?? [];
  return Math.max(0, ...statuses.flatMap(({ state }) => (state?.terminated?.finishedAt ? [Date.parse(state.terminated.finishedAt)] : [])));
}

/** As kubectl chooses, since an injected sidecar may come first. */
function defaultContainer(pod: KubeObject): string | undefined {
  return pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec?.containers?.[0]?.name;
}

function readLog(
  pod: KubeObject,
  container: string | undefined,
  namespace: string,
  cluster: Pick<Cluster, 'log'>,
  signal: AbortSignal,
): Promise<string> {
  const options = { tailLines: TAIL_LINES, limitBytes: LIMIT, ...(container !== undefined && { container }) };
  return cluster.log({ namespace, name: pod.metadata.name }, options, signal);
}
