import type { MetricAccess } from '../access/metric-access.ts';
import { askJson, type Answer } from '../ask-json.ts';

/** Large servers list tens of megabytes of targets. */
const LIMIT = 64 * 1024 * 1024;

/** A server, and what may be sent to it. */
export type PrometheusServer = { url: URL; access: MetricAccess };

/**
 * One GET of a server's HTTP API (prometheus.io/docs/prometheus/latest/querying/api), `path` such as `query`; the data of a success.
 */
export async function askPrometheus(
  { url: server, access }: PrometheusServer,
  path: string,
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(`${server.pathname.replace(/\/+$/, '')}/api/v1/${path}`, server);
  url.search = new URLSearchParams(parameters).toString();
  const answer = await askJson({ url, limit: LIMIT }, (document) => document?.error, access, signal);
  if (answer.status !== 'Success') return answer;
  const { data, raw } = answer;
  if (data?.status === 'success') return { status: 'Success', data: data.data, raw };
  return { status: 'Refused', message: `${url.host} does not answer as Prometheus does`, raw };
}
