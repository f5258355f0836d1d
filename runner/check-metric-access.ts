import type { CheckedExperiment } from './check-definitions.ts';
import { toProblems, type Finding } from './definition/locate.ts';
import { sampleQueryScope } from './lifecycle/sample-scope.ts';
import { missingKeys, type Vendor } from './metrics/access/api-keys.ts';
import { refusalOf } from './metrics/access/hosts.ts';
import type { MetricAccess } from './metrics/access/metric-access.ts';
import { metricUrl, parseUrl } from './metrics/metric-url.ts';
import type { Problem } from './model/errors.ts';
import type { Metric } from './model/experiment.ts';
import type { Trial } from './model/trial.ts';
import { renderText } from './template/render-text.ts';

/**
 * What the installation would refuse to the metrics of an experiment in these slots, or lacks for them, so that it is known before the
 * first trial. Without slots a host whose name is a template is left for the run.
 */
export function checkMetricAccess(
  { sample, loaded }: Pick<CheckedExperiment, 'sample' | 'loaded'>,
  slots: readonly string[],
  access: MetricAccess,
): Problem[] {
  const trials = slots.map((slot) => ({ ...sample.trial, slot }));
  const findings = sample.metrics.flatMap((metric, index) =>
    [...keyProblems(metric, access), ...hostProblems(metric, trials.length > 0 ? trials : [sample.trial], trials.length > 0, access)].map(
      ({ path, message }) => ({ path: ['spec', 'metrics', index, ...path], message }),
    ),
  );
  return toProblems(findings, loaded.locate);
}

function keyProblems({ type }: Metric, { keys }: MetricAccess): Finding[] {
  const vendor = vendorOf(type);
  if (vendor === undefined) return [];
  return missingKeys(vendor, keys).map((missing) => ({ path: ['type'], message: `${missing}; metrics of type ${type} need it` }));
}

function hostProblems(metric: Metric, trials: readonly Trial[], isComplete: boolean, access: MetricAccess): Finding[] {
  const template = metricUrl(metric, access.keys);
  // What a target holds is known once the trial has run; then the same refusals hold.
  if (template !== undefined && /\{\{[^}]*\btarget\b/.test(template)) return [];
  if (template === undefined || (!isComplete && /^[^/]*(\/\/[^/]*)?\{\{/.test(template))) return [];
  const refusals = trials.flatMap((trial) => {
    const url = parseUrl(renderText(template, sampleQueryScope(trial)));
    const refusal = 'problem' in url ? url.problem : refusalOf(url, vendorOf(metric.type), access);
    return refusal === undefined ? [] : [refusal];
  });
  return [...new Set(refusals)].map((message) => ({ path: ['url'], message }));
}

function vendorOf(type: Metric['type']): Vendor | undefined {
  return type === 'datadog' || type === 'newrelic' ? type : undefined;
}
