import { formatNumber } from '../format-number.ts';
import { formatPercent, percentChange } from '../percent.ts';
import type { ExperimentState } from './board-state.ts';
import { fitStart, widthOf } from './fit-text.ts';
import type { Paint } from './paint.ts';

/**
 * One line per experiment that has measured something: `best of sizing: p95 0.231 (-12%, #007), cost 41.2 (#004)`, the change being
 * against the baseline; on a narrow terminal without what can be done without.
 */
export function bestLines(
  experiments: readonly ExperimentState[],
  most: number,
  { columns, paint }: { columns: number; paint: Paint },
): string[] {
  const measured = experiments.filter(({ best }) => best.length > 0);
  const shown = measured.length <= most || most === 1 ? measured.slice(0, most) : measured.slice(0, Math.max(0, most - 1));
  const lines = shown.map((experiment) => bestLine(experiment, columns));
  if (shown.length === measured.length || most < 2) return lines;
  return [...lines, paint('dim', fitStart(`… and ${measured.length - shown.length} more experiments`, columns).trimEnd())];
}

function bestLine({ name, best, baseline }: ExperimentState, columns: number): string {
  const values = best.map(({ metric, trial, value }) => {
    const change = baseline[metric] === undefined ? undefined : percentChange(value, baseline[metric]);
    const percent = change === undefined || change === 0 ? [] : [formatPercent(change)];
    return { value: `${metric} ${formatNumber(value)}`, percent, number: trial.replace(`${name}-`, '#') };
  });
  const withAll = values.map(({ value, percent, number }) => `${value} (${[...percent, number].join(', ')})`).join(', ');
  const withChange = values.map(({ value, percent }) => (percent.length === 0 ? value : `${value} (${percent.join()})`)).join(', ');
  const choices = [`best of ${name}: ${withAll}`, `best of ${name}: ${withChange}`, `${name}: ${withChange}`, `best: ${withChange}`];
  return fitStart(choices.find((text) => widthOf(text) <= columns) ?? choices.at(-1)!, columns).trimEnd();
}
