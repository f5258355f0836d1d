import { formatPath, type Locate } from '../definition/locate.ts';
import { BUNDLED_PROMETHEUS, DEFAULT_PROMETHEUS_URL } from '../model/bundled-prometheus.ts';
import { InvalidInput } from '../model/errors.ts';
import type { Metric, TrialTemplate } from '../model/experiment.ts';
import { hasPrometheus } from './has-prometheus.ts';

/** A metric without `url` asks the trial's own Prometheus: throws InvalidInput where no setup task installs one. */
export async function requireUrls(metrics: readonly Metric[], template: TrialTemplate, locate: Locate): Promise<void> {
  if (hasPrometheus(template)) return;
  const problems = metrics.flatMap((metric, index) => {
    if (metric.type !== 'prometheus' || metric.url !== DEFAULT_PROMETHEUS_URL) return [];
    const path = ['spec', 'metrics', index, 'url'];
    return [{ ...locate(path), path: formatPath(path), message: `is required, as no setup task has helmChart: ${BUNDLED_PROMETHEUS}` }];
  });
  if (problems.length > 0) throw new InvalidInput(problems);
}
