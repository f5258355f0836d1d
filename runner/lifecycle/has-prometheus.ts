import type { TrialTemplate } from '../model/experiment.ts';

/** Whether a setup task installs the Prometheus that comes with the runner. */
export function hasPrometheus({ setupTasks }: Pick<TrialTemplate, 'setupTasks'>): boolean {
  return setupTasks.some(({ chart }) => chart?.from === 'runner');
}
