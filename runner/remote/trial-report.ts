import type { TrialRecord } from '../model/record.ts';
import type { ReportPayload } from './payloads.ts';

/** What the API is told of a decided trial (R§12): its values, or why it failed and then no values; its window where there is one. */
export function trialReport({ status }: Pick<TrialRecord, 'status'>): ReportPayload {
  const { failure, values, startTime, completionTime } = status;
  const window = startTime !== undefined && completionTime !== undefined ? { startTime, completionTime } : {};
  if (failure !== undefined) return { failed: true, failureReason: failure.reason, failureMessage: failure.message, ...window };
  const sent = values.map(({ name, value, error }) => ({ metricName: name, value, ...(error !== undefined && error !== 0 && { error }) }));
  return { ...(sent.length > 0 && { values: sent }), ...window };
}
