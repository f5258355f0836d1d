import { BUNDLED_PROMETHEUS } from '../model/bundled-prometheus.ts';
import type { ChartSource } from '../model/experiment.ts';

type ChartFields = { helmChart?: string | undefined; helmRepository?: string | undefined; helmChartVersion?: string | undefined };

/** Where a setup task's chart comes from; undefined for a task without one. The fields fit together: the rules have seen to it. */
export function chartSource({ helmChart, helmRepository, helmChartVersion }: ChartFields): ChartSource | undefined {
  if (helmChart === undefined) return undefined;
  const version = helmChartVersion === undefined ? {} : { version: helmChartVersion };
  if (helmRepository !== undefined) return { from: 'repository', repository: helmRepository, chart: helmChart, ...version };
  if (helmChart.startsWith('oci://')) return { from: 'registry', chart: helmChart, ...version };
  if (helmChart === BUNDLED_PROMETHEUS) return { from: 'runner', chart: helmChart };
  return { from: 'folder', chart: helmChart.replace(/\/+$/, '') };
}
