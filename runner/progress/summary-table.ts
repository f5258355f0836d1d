import type { Metric } from '../model/experiment.ts';
import type { RunEvent } from './events.ts';
import { formatNumber } from './format-number.ts';
import { formatPercent, percentChange } from './percent.ts';
import { textTable } from './text-table.ts';

export type SummarizedExperiment = {
  name: string;
  metrics: readonly Pick<Metric, 'name' | 'minimize' | 'optimize'>[];
  /** What the baseline measured, in this run or an earlier one; absent when it did not complete. */
  baseline?: Record<string, number>;
};

type TrialFinished = Extract<RunEvent, { type: 'trial-finished' }>;

/**
 * The lines that end a run, from its events: per experiment the trials that finished in it, how many of them failed,
 * and the best value of each optimized metric with its change, if any, against the baseline's. Only `trial-finished` events are read; the rest
 * need not be kept.
 */
export function summaryTable(events: readonly RunEvent[], experiments: readonly SummarizedExperiment[]): string[] {
  const finished = events.filter((event) => event.type === 'trial-finished');
  const rows = experiments.map((experiment) => {
    const trials = finished.filter((event) => event.experiment === experiment.name);
    const completed = trials.filter(({ phase }) => phase === 'Completed');
    return [experiment.name, String(trials.length), String(trials.length - completed.length), bestOf(completed, experiment)];
  });
  return textTable(['EXPERIMENT', 'TRIALS', 'FAILED', 'BEST OF THIS RUN'], rows);
}

function bestOf(trials: readonly TrialFinished[], { metrics, baseline }: SummarizedExperiment): string {
  const optimized = metrics.filter(({ optimize }) => optimize);
  const cells = optimized.flatMap(({ name, minimize }) => {
    const values = trials.map((trial) => trial.values[name]).filter((value) => value !== undefined);
    if (values.length === 0) return [];
    const best = minimize ? Math.min(...values) : Math.max(...values);
    return [`${name} ${formatNumber(best)}${comparison(best, baseline?.[name])}`];
  });
  return cells.length === 0 ? '-' : cells.join(', ');
}

function comparison(value: number, baseline: number | undefined): string {
  const percent = baseline === undefined ? undefined : percentChange(value, baseline);
  return percent === undefined || percent === 0 ? '' : ` (${formatPercent(percent)} vs baseline)`;
}
