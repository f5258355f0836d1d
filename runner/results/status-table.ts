import { formatNumber } from '../progress/format-number.ts';
import { formatPercent } from '../progress/percent.ts';
import { textTable } from '../progress/text-table.ts';
import type { BestTrial } from './best-trials.ts';
import type { ExperimentStatus } from './experiment-status.ts';

/** One line per experiment, for `fieldtrial status`. */
export function statusTable(statuses: readonly ExperimentStatus[]): string[] {
  const rows = statuses.map((status) => {
    const { completed, failed, infrastructure, running } = status.trials;
    const budget = status.budget === undefined ? '-' : `${status.budget.left} of ${status.budget.total}`;
    const counts = [completed, failed, infrastructure, running].map(String);
    return [status.experiment, phaseCell(status), ...counts, budget, bestCell(status)];
  });
  return textTable(['EXPERIMENT', 'PHASE', 'COMPLETED', 'FAILED', 'INFRASTRUCTURE', 'RUNNING', 'BUDGET LEFT', 'BEST'], rows);
}

function phaseCell({ phase, reason }: ExperimentStatus): string {
  return reason === undefined || reason === phase ? phase : `${phase} (${reason})`;
}

function bestCell({ best }: ExperimentStatus): string {
  return best.length === 0 ? '-' : best.map(describeBest).join(', ');
}

function describeBest({ metric, number, value, change }: BestTrial): string {
  const comparison = change === undefined ? '' : ` ${formatPercent(change)}`;
  return `${metric} ${formatNumber(value)}${comparison} (#${number})`;
}
