import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import { UsageError } from '../model/errors.ts';
import type { SetupOrder } from '../lifecycle/setup-jobs.ts';
import { applyManifests, deleteManifests } from './manifests.ts';
import { installChart, uninstallChart, type RunHelm } from './helm-release.ts';

export type SetupEnvironment = { mode: string | undefined; name: string | undefined; namespace: string | undefined; folder: string };

export type SetupTaskDeps = { cluster(): Promise<Cluster>; helm: RunHelm; clock: Clock; say: (line: string) => void };

/** What a setup container without an image of its own does: the order in its folder, in the mode that the Job says (R§7.2). */
export async function runSetupTask(
  { mode, name, namespace, folder }: SetupEnvironment,
  deps: SetupTaskDeps,
  signal: AbortSignal,
): Promise<void> {
  if (name === undefined || namespace === undefined || (mode !== 'create' && mode !== 'delete')) {
    throw new UsageError('fieldtrial setup runs inside setup Jobs: NAME, NAMESPACE and MODE (create or delete) must be set');
  }
  const order = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as SetupOrder;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(order.timeoutSeconds * 1000)]);
  if (order.type === 'helm') {
    const release = { ...order, namespace, chart: join(folder, order.chart) };
    return mode === 'create' ? installChart(release, deps, limited) : uninstallChart(release, deps, limited);
  }
  const cluster = await deps.cluster();
  const place = { namespace, labels: order.labels };
  return mode === 'create'
    ? applyManifests(order.objects, place, { ...deps, cluster }, limited)
    : deleteManifests(order.objects, place, { ...deps, cluster }, limited);
}
