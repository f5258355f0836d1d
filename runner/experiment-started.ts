import { trialName } from './model/names.ts';
import { usualDuration } from './plan/expected-duration.ts';
import { countedTrials, currentGeneration } from './plan/generation.ts';
import type { PlanInput } from './plan/plan-next.ts';
import { trialsLeft } from './plan/trials-left.ts';
import type { RunEvent } from './progress/events.ts';
import { baselineRecord } from './results/baseline-record.ts';
import { bestTrials } from './results/best-trials.ts';
import { candidateTrials } from './results/candidate-trials.ts';

/** Where an experiment stands when a run takes it up, and how far it may go; `slots` are how many of the run's may serve it. */
export function experimentStarted(input: Omit<PlanInput, 'run' | 'trialsLeft'>, slots: number): RunEvent {
  const { experiment, digest, records } = input;
  const { name, metrics, replicas } = experiment;
  const generation = currentGeneration(records, digest);
  const counted = countedTrials(generation);
  const usual = usualDuration(records);
  const optimized = metrics.filter(({ optimize }) => optimize);
  return {
    type: 'experiment-started',
    experiment: name,
    trials: counted.length,
    failed: counted.filter(({ status }) => status.phase === 'Failed').length,
    left: trialsLeft(input),
    parallel: Math.min(Math.max(replicas, 1), slots),
    ...(usual !== undefined && { seconds: usual / 1000 }),
    metrics: metrics.map(({ name: metric, minimize, optimize, min, max }) => ({
      name: metric,
      minimize,
      optimize,
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    })),
    baseline: baselineRecord(experiment, generation)?.values ?? {},
    best: bestTrials(optimized, candidateTrials(experiment, generation), undefined).map(({ metric, number, value }) => ({
      metric,
      trial: trialName(name, number),
      value,
    })),
  };
}
