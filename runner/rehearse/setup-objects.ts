import { mkdtemp, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { KubeObject } from '../cluster/port.ts';
import { setupOrders, type NamedOrder } from '../lifecycle/setup-orders.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { setArguments, type RunHelm } from '../setup/helm-release.ts';
import { objectsOf } from './objects-of.ts';
import { templateChart } from './render-chart.ts';

/**
 * What a trial's own setup will create, as far as that can be told: its manifests, and its charts of the repository where there is a helm.
 * What does not render is told by the setup task when it fails.
 */
export async function setupObjects(
  rendered: RenderedTrial,
  { helm, ownCharts, workdir }: { helm: RunHelm | undefined; ownCharts(): Promise<string>; workdir: string },
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const orders = await Promise.all(
    setupOrders(rendered).map(async (order) => {
      if (order.type === 'manifests') return objectsOf(order.objects, '').map(({ object }) => object);
      const chart = await localChart(order, rendered, { ownCharts, workdir });
      if (helm === undefined || chart === undefined) return [];
      const outcome = await templateChart(['template', order.release, chart, ...order.values.flatMap(setArguments)], helm, signal);
      return 'refused' in outcome ? [] : outcome.objects;
    }),
  );
  return orders.flat();
}

/** undefined for a chart that helm would have to fetch. */
async function localChart(
  { chart }: Extract<NamedOrder, { type: 'helm' }>,
  { setup }: RenderedTrial,
  { ownCharts, workdir }: { ownCharts(): Promise<string>; workdir: string },
): Promise<string | undefined> {
  if (chart.from === 'runner') return join(await ownCharts(), posix.basename(chart.chart));
  if (chart.from !== 'packed') return undefined;
  const contents = (setup?.configMaps ?? []).map(({ binaryData }) => (binaryData as Record<string, string> | undefined)?.[chart.file]);
  const packed = contents.find((content) => content !== undefined);
  if (packed === undefined) return undefined;
  const path = join(await mkdtemp(join(workdir, 'chart-')), chart.file);
  await writeFile(path, Buffer.from(packed, 'base64'));
  return path;
}
