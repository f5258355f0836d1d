import type { MetricAccess } from '../../../runner/metrics/access/metric-access.ts';
import type { MetricDeps } from '../../../runner/metrics/metric-context.ts';
import { measure } from '../../../runner/metrics/measure.ts';
import type { Metric } from '../../../runner/model/experiment.ts';
import type { MetricValue } from '../../../runner/model/record.ts';
import { aMetricContext } from '../../support/a-metric-context.ts';

export const COMPLETION = '2026-03-01T10:00:30.000Z';

export type Asking = {
  /** What it told while it waited. */
  told: string[];
  /** The pauses that it took, in milliseconds. */
  slept: number[];
  value: Promise<MetricValue>;
};

/**
 * Measures for the trial of aMetricContext, which has just completed. Sleeping turns the clock on and returns at once; the deadline
 * passes after as many pauses as `patience` says.
 */
export function asking(metric: Metric, access: MetricAccess, { patience = 20, cluster = {} as MetricDeps['cluster'] } = {}): Asking {
  const deadline = new AbortController();
  const told: string[] = [];
  const slept: number[] = [];
  let now = Date.parse(COMPLETION);
  const clock = {
    now: () => new Date(now),
    sleep: async (milliseconds: number, signal: AbortSignal) => {
      slept.push(milliseconds);
      now += milliseconds;
      if (slept.length >= patience) deadline.abort(new Error('deadline'));
      signal.throwIfAborted();
    },
  };
  const deps = { cluster, clock, access, waiting: (message: string) => void told.push(message) };
  return { told, slept, value: measure(metric, aMetricContext(), deps, deadline.signal) };
}
