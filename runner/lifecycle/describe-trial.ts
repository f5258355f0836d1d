import type { Trial, TrialWindow } from '../model/trial.ts';

/** The trial itself as a metric's target, where the metric names none (R§11.1). */
export function describeTrial(trial: Omit<Trial, 'definition' | 'run' | 'source' | 'uid'>, { startTime, completionTime }: TrialWindow) {
  const { name, slot: namespace, experiment, number, assignments } = trial;
  return { metadata: { name, namespace }, spec: { experiment, number, assignments }, status: { startTime, completionTime } };
}
