import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { LONGEST_TIMER, type Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import { BUNDLED_PROMETHEUS } from '../model/bundled-prometheus.ts';
import { UsageError } from '../model/errors.ts';
import type { SetupOrder } from '../lifecycle/setup-jobs.ts';
import { applyManifests, deleteManifests } from './manifests.ts';
import { installChart, uninstallChart, type ChartLocation, type RunHelm } from './helm-release.ts';
import { valuesFiles } from './values-files.ts';

export type SetupEnvironment = { mode: string | undefined; name: string | undefined; namespace: string | undefined; folder: string };

export type SetupTaskDeps = {
  cluster(): Promise<Cluster>;
  helm: RunHelm;
  /** The folder of the charts that come with the runner. */
  ownCharts(): Promise<string>;
  clock: Clock;
  say: (line: string) => void;
};

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
  const timeoutSeconds = order.timeoutSeconds[mode];
  const limited = AbortSignal.any([signal, AbortSignal.timeout(Math.min(timeoutSeconds * 1000, LONGEST_TIMER))]);
  if (order.type === 'helm') {
    const release = { ...order, namespace, timeoutSeconds };
    if (mode === 'delete') return uninstallChart(release, deps, limited);
    const [chart, files] = await Promise.all([locateChart(order.chart, folder, deps), valuesFiles(order.valuesFolders)]);
    return installChart({ ...release, chart, valuesFiles: files }, deps, limited);
  }
  const cluster = await deps.cluster();
  const place = { namespace, labels: order.labels };
  return mode === 'create'
    ? applyManifests(order.objects, place, { ...deps, cluster }, limited)
    : deleteManifests(order.objects, place, { ...deps, cluster }, limited);
}

async function locateChart(
  chart: Extract<SetupOrder, { type: 'helm' }>['chart'],
  folder: string,
  { ownCharts }: Pick<SetupTaskDeps, 'ownCharts'>,
): Promise<ChartLocation> {
  switch (chart.from) {
    case 'packed':
      return { chart: join(folder, chart.file) };
    case 'runner':
      return { chart: join(await ownCharts(), posix.basename(BUNDLED_PROMETHEUS)) };
    case 'registry':
    case 'repository':
      return chart;
  }
}
