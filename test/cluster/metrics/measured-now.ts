import { systemClock } from '../../../runner/clock.ts';
import { OPEN_ACCESS, type MetricAccess } from '../../../runner/metrics/access/metric-access.ts';
import { measure } from '../../../runner/metrics/measure.ts';
import type { MetricContext } from '../../../runner/metrics/metric-context.ts';
import type { PrometheusMetric } from '../../../runner/model/experiment.ts';

export type MeasuredFields = Partial<PrometheusMetric> & {
  access?: MetricAccess;
  waiting?: (message: string) => void;
  signal?: AbortSignal;
};

/** The metric of the trial sizing-007, which ran for 10 s in the slot shop and ends now. */
export function measuredNow({
  url,
  query,
  access = OPEN_ACCESS,
  waiting = () => undefined,
  signal = AbortSignal.timeout(30_000),
  ...fields
}: MeasuredFields & Pick<PrometheusMetric, 'url' | 'query'>) {
  const metric: PrometheusMetric = {
    type: 'prometheus',
    name: 'm',
    minimize: true,
    optimize: true,
    url,
    query,
    scrapeCheck: { by: 'targets' },
    ...fields,
  };
  const completion = new Date();
  const startTime = new Date(completion.getTime() - 10_000).toISOString();
  const completionTime = completion.toISOString();
  const context: MetricContext = {
    scope: {
      trial: { name: 'sizing-007', namespace: 'shop', number: 7, experiment: 'sizing' },
      values: {},
      window: { start: startTime, completion: completionTime, duration: 10 },
      range: '10s',
    },
    namespace: 'shop',
    window: { startTime, completionTime },
    jobPods: [],
  };
  return { completionTime, result: measure(metric, context, { cluster: {} as never, clock: systemClock, access, waiting }, signal) };
}
