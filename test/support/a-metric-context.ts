import type { MetricContext } from '../../runner/metrics/metric-context.ts';

/** A trial of the namespace `shop` that ran from 10:00:00 to 10:00:30. */
export function aMetricContext(fields: Partial<MetricContext> = {}): MetricContext {
  return {
    scope: {
      trial: { name: 'sizing-007', namespace: 'shop', number: 7, experiment: 'sizing' },
      values: { cpu: 500 },
      window: { start: '2026-03-01T10:00:00.000Z', completion: '2026-03-01T10:00:30.000Z', duration: 30 },
      range: '30s',
    },
    namespace: 'shop',
    window: { startTime: '2026-03-01T10:00:00.000Z', completionTime: '2026-03-01T10:00:30.000Z' },
    jobPods: [],
    ...fields,
  };
}
