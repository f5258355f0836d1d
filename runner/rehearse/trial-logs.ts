import { findInJson, findInText } from '../metrics/find-in-log.ts';
import type { LogsMetric, Metric } from '../model/experiment.ts';
import type { TemplateScope } from '../model/trial.ts';
import { renderText } from '../template/render-text.ts';
import { TemplateError } from '../template/template-error.ts';
import { logLine, mergeJsonLines } from './log-line.ts';
import { sampleValue } from './sample-value.ts';

export type TrialLog = {
  text: string;
  /** The metrics that find their value in it. */
  metrics: LogsMetric[];
};

/** What a container of the trial Job prints, so that the metrics that read its log find their samples. */
export function trialLog(metrics: readonly Metric[], scope: TemplateScope): TrialLog {
  const lines = metrics.flatMap((metric) => (metric.type === 'logs' ? lineFor(metric, scope) : []));
  const json = lines.filter(({ metric }) => metric.format === 'json').map(({ line }) => line);
  const text = [
    ...lines.filter(({ metric }) => metric.format === 'regexp').map(({ line }) => line),
    ...(json.length > 0 ? [mergeJsonLines(json)] : []),
  ];
  const log = text.map((line) => `${line}\n`).join('');
  // The last match counts, which may be in the line of another metric.
  const found = lines.filter(({ metric, query, value }) => {
    const finding = metric.format === 'json' ? findInJson(log, query) : findInText(log, query);
    return finding.status === 'Found' && finding.value === value;
  });
  return { text: log, metrics: found.map(({ metric }) => metric) };
}

type Line = { metric: LogsMetric; query: string; value: number; line: string };

function lineFor(metric: LogsMetric, scope: TemplateScope): Line[] {
  const query = rendered(metric.query, scope);
  if (query === undefined) return [];
  const value = sampleValue(metric, scope.trial.number);
  // An expression for digits has no place for a fraction.
  const values = metric.sample === undefined ? [value, Math.round(value)] : [value];
  const made = values.flatMap((each) => {
    const line = logLine(metric.format, query, each);
    return line === undefined ? [] : [{ metric, query, value: each, line }];
  });
  return made.slice(0, 1);
}

/** undefined for a query that asks for the trial's window, which is not known while the log is written. */
function rendered(query: string, scope: TemplateScope): string | undefined {
  try {
    return renderText(query, scope).replace(/\n+$/, '');
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}
