import { trialName } from '../model/names.ts';
import type { Assignment, Experiment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import { failedByInfrastructure, type BegunTrial } from './generation.ts';
import { baselineOf, pointOf } from './point.ts';

export type BaselineState =
  | { status: 'Absent' | 'Completed' | 'Running' }
  | { status: 'Due'; assignments: Assignment[] }
  | { status: 'Failed'; message: string };

/**
 * Where this generation stands with the trial of today's settings. Any trial of that point is the baseline, whoever
 * suggested it (R§3.3), so a baseline that was edited is due again. What the infrastructure failed is still due.
 */
export function assessBaseline(
  { name, parameters }: Pick<Experiment, 'name' | 'parameters'>,
  generation: readonly TrialRecord[],
  pending: readonly Pick<BegunTrial, 'assignments'>[],
): BaselineState {
  const assignments = baselineOf(parameters);
  if (assignments === undefined) return { status: 'Absent' };

  const point = pointOf(assignments);
  const records = generation.filter(({ spec }) => pointOf(spec.assignments) === point);
  if (records.some(({ status }) => status.phase === 'Completed')) return { status: 'Completed' };

  const failed = records.find((record) => !failedByInfrastructure(record));
  if (failed !== undefined) return { status: 'Failed', message: failureMessage(name, failed) };
  if (pending.some((trial) => pointOf(trial.assignments) === point)) return { status: 'Running' };
  return { status: 'Due', assignments };
}

function failureMessage(experiment: string, { spec, status }: TrialRecord): string {
  const { reason = 'Failed', message = '' } = status.failure ?? {};
  return `the baseline ${trialName(experiment, spec.number)} failed, nothing can be compared with it: ${reason}: ${message}`;
}
