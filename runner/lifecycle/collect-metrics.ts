import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import type { MetricAccess } from '../metrics/access/metric-access.ts';
import { measure } from '../metrics/measure.ts';
import { MetricUnavailable } from '../metrics/metric-unavailable.ts';
import { StageFailure } from '../model/errors.ts';
import type { MetricValue } from '../model/record.ts';
import type { RenderedTrial, TrialWindow } from '../model/trial.ts';
import { describeTrial } from './describe-trial.ts';
import { templateScope } from './render-trial.ts';
import { trialPods } from './run-job.ts';

export type CollectDeps = {
  cluster: Cluster;
  clock: Clock;
  metricAccess: MetricAccess;
  waiting: (message: string) => void;
  /** Default: the source that the metric's type names is asked. */
  measure?: typeof measure;
};

/**
 * Every metric's value over the trial's window, in the experiment's order. Throws StageFailure `MetricFailed` that names the metric,
 * why it is unavailable, its query and the raw answer: never a silent zero.
 */
export async function collectMetrics(
  rendered: RenderedTrial,
  window: TrialWindow,
  deps: CollectDeps,
  signal: AbortSignal,
): Promise<MetricValue[]> {
  const { trial, metrics } = rendered;
  const { measure: ask = measure } = deps;
  const duration = (Date.parse(window.completionTime) - Date.parse(window.startTime)) / 1000;
  const scope = {
    ...templateScope(trial),
    window: { start: window.startTime, completion: window.completionTime, duration },
    range: `${Math.round(duration)}s`,
  };
  const jobPods = metrics.some(({ type }) => type === 'logs') ? await trialPods(rendered, deps.cluster, signal) : [];
  const context = { scope, namespace: trial.slot, window, jobPods, trial: describeTrial(trial, window) };
  const failed = new AbortController();
  const scoped = AbortSignal.any([signal, failed.signal]);
  try {
    return await Promise.all(metrics.map((metric) => ask(metric, context, { ...deps, access: deps.metricAccess }, scoped)));
  } catch (error) {
    if (!(error instanceof MetricUnavailable)) throw error;
    const { metric, query, raw, transient } = error;
    throw new StageFailure('collect', 'MetricFailed', `metric ${metric}: ${error.message}`, {
      evidence: { metric: { name: metric, query, ...(raw !== undefined && { raw }) } },
      // Nobody answered: that says nothing about the settings.
      infrastructure: transient,
      cause: error,
    });
  } finally {
    // The other metrics need not go on asking for a trial that has failed.
    failed.abort(new Error('another metric is unavailable'));
  }
}
