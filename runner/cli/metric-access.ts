import { resolve } from 'node:path';
import { keySecrets, readApiKeys } from '../metrics/access/api-keys.ts';
import { OPEN_ACCESS, type MetricAccess } from '../metrics/access/metric-access.ts';
import type { CommandContext } from './command-context.ts';
import { readVersion, userAgent } from './version.ts';

export type MetricFlags = { metricAccess?: string };

/** What this installation lets metrics ask, and with what: the file that the flag names, and keys of the environment. Throws UsageError. */
export async function readMetricAccess(
  { metricAccess }: MetricFlags,
  { environment, output, cwd }: Pick<CommandContext, 'environment' | 'output' | 'cwd'>,
): Promise<MetricAccess> {
  const keys = readApiKeys(environment);
  output.hide(keySecrets(keys));
  const ours = { keys, userAgent: userAgent(await readVersion()) };
  if (metricAccess === undefined) return { ...OPEN_ACCESS, ...ours };
  const { loadMetricAccess } = await import('../metrics/access/load-metric-access.ts');
  return { ...(await loadMetricAccess(resolve(cwd, metricAccess))), ...ours };
}
