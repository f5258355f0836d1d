import type { TrialRecord } from '../../runner/model/record.ts';
import { formatNumber } from '../../runner/progress/format-number.ts';
import { formatPercent, percentChange } from '../../runner/progress/percent.ts';
import { textTable } from '../../runner/progress/text-table.ts';
import type { ExperimentStatus } from '../../runner/results/experiment-status.ts';
import { valuesOf } from '../../runner/results/values-of.ts';

/**
 * A table of trials with their settings, each value with its change against the baseline's, for an experiment of whose metrics all are to
 * be small. Marked are the best of each metric, and what is worse than the baseline in none.
 */
export function compareTrials(records: readonly TrialRecord[], { best, baseline }: Pick<ExperimentStatus, 'best' | 'baseline'>): string[] {
  const parameters = records[0]?.spec.assignments.map(({ name }) => name.toUpperCase()) ?? [];
  const metrics = Object.keys(baseline?.values ?? {});
  const rows = records.map((record) => {
    const { number, assignments } = record.spec;
    const { failure } = record.status;
    const values = valuesOf(record);
    const changes = metrics.map((metric) => percentChange(values[metric] ?? NaN, baseline!.values[metric]!) ?? 0);
    const cells = metrics.map((metric, index) => valueCell(values[metric], changes[index]!));
    const isBetter = failure === undefined && changes.every((change) => change <= 0) && changes.some((change) => change < 0);
    const remarks = [
      ...(number === baseline?.number ? ['baseline'] : []),
      ...best.filter((each) => each.number === number).map(({ metric }) => `best ${metric}`),
      ...(isBetter ? ['nothing worse'] : []),
      ...(failure === undefined ? [] : [`failed: ${failure.reason}`]),
    ];
    return [record.metadata.name, ...assignments.map(({ value }) => String(value)), ...cells, remarks.join(', ')];
  });
  return textTable(['TRIAL', ...parameters, ...metrics.map((metric) => metric.toUpperCase()), ''], rows);
}

function valueCell(value: number | undefined, change: number): string {
  if (value === undefined) return '-';
  return `${formatNumber(value)}${change === 0 ? '' : ` (${formatPercent(change)})`}`;
}
