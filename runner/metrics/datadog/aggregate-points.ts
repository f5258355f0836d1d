import type { DatadogMetric } from '../../model/experiment.ts';

const AGGREGATORS: Readonly<Record<DatadogMetric['aggregator'], (values: readonly number[]) => number>> = {
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  last: (values) => values.at(-1)!,
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
};

/** The number that a time series answer gives: of one series, over the points that have a value (R§11.3); else why there is none. */
export function aggregatePoints(answer: any, aggregator: DatadogMetric['aggregator']): { value: number } | { why: string } {
  if (answer?.status === 'error' && typeof answer.error === 'string') return { why: answer.error };
  const series: unknown = answer?.series;
  if (!Array.isArray(series)) return { why: 'the answer has no series; is this the API of Datadog?' };
  if (series.length === 0) return { why: 'no data' };
  if (series.length > 1)
    return { why: `${series.length} series where one is needed; aggregate them, with sum: and without by, for example` };
  const points: unknown[] = Array.isArray(series[0]?.pointlist) ? series[0].pointlist : [];
  const values = points.flatMap((point) => (Array.isArray(point) && Number.isFinite(point[1]) ? [point[1] as number] : []));
  if (values.length === 0) return { why: 'no points' };
  const value = AGGREGATORS[aggregator](values);
  return Number.isFinite(value) ? { value } : { why: `${value} is not finite` };
}
