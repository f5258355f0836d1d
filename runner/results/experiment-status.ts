import type { Experiment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import { countedTrials, currentGeneration } from '../plan/generation.ts';
import { planNext, type Plan } from '../plan/plan-next.ts';
import type { QueuedSuggestion } from '../plan/queue.ts';
import { baselineRecord } from './baseline-record.ts';
import { bestTrials, type BestTrial } from './best-trials.ts';
import { candidateTrials } from './candidate-trials.ts';
import { paretoBest } from './pareto-best.ts';

export type StatusInput = {
  experiment: Experiment;
  digest: string;
  queue: readonly QueuedSuggestion[];
  /** Every record of the experiment, of all generations. */
  records: readonly TrialRecord[];
  /** Trials that run now, as the slots tell; 0 where nobody can ask the cluster. */
  running: number;
  /** Why the remote API hands out no more trials (plan-next.ts). */
  remoteFinished?: string;
};

/** Key order here is key order in JSON and YAML. */
export type ExperimentStatus = {
  experiment: string;
  phase: ExperimentPhase;
  /** Why it is Completed, Failed or Paused: a reason of the planner (plan-next.ts). */
  reason?: string;
  message?: string;
  digest: string;
  /** Of the current generation; `older` are the records of earlier definitions. */
  trials: { completed: number; failed: number; infrastructure: number; running: number; older: number };
  /** Absent when the experiment has no budget. */
  budget?: { total: number; left: number };
  baseline?: { number: number; values: Record<string, number> };
  /** One per optimized metric that was measured. */
  best: BestTrial[];
  /**
   * Numbers of the trials that no other one beats in every optimized metric; absent with fewer than two such metrics.
   */
  paretoBest?: number[];
};

export type ExperimentPhase = 'Never run' | 'Idle' | 'Running' | 'Paused' | 'Completed' | 'Failed';

/** Where an experiment stands, computed from its definition and records each time and never stored (R§3.5). */
export function experimentStatus({ experiment, digest, queue, records, running, remoteFinished }: StatusInput): ExperimentStatus {
  const generation = currentGeneration(records, digest);
  const counted = countedTrials(generation);
  const completed = counted.filter(({ status }) => status.phase === 'Completed').length;
  const plan = planNext({
    experiment,
    digest,
    queue,
    records,
    pending: [],
    run: '',
    ...(remoteFinished !== undefined && { remoteFinished }),
  });
  const baseline = baselineRecord(experiment, generation);
  const candidates = candidateTrials(experiment, generation);
  const optimized = experiment.metrics.filter(({ optimize }) => optimize);
  const { budget } = experiment.suggest;
  return {
    experiment: experiment.name,
    ...phaseOf(plan, running, records.length),
    digest,
    trials: {
      completed,
      failed: counted.length - completed,
      infrastructure: generation.length - counted.length,
      running,
      older: records.length - generation.length,
    },
    ...(budget !== undefined && { budget: { total: budget, left: Math.max(0, budget - counted.length) } }),
    ...(baseline !== undefined && { baseline }),
    best: bestTrials(optimized, candidates, baseline?.values),
    ...(optimized.length > 1 && { paretoBest: paretoBest(optimized, candidates) }),
  };
}

/** The planner knows what ended an experiment, so there is one truth about it. First match, as R§3.5. */
function phaseOf(plan: Plan, running: number, records: number): Pick<ExperimentStatus, 'phase' | 'reason' | 'message'> {
  const stop = 'stop' in plan ? plan.stop : undefined;
  switch (stop?.reason) {
    case 'BudgetSpent':
    case 'SpaceExhausted':
    case 'RemoteFinished':
      return { phase: 'Completed', ...stop };
    case 'BaselineFailed':
    case 'TooManyFailures':
      return { phase: 'Failed', ...stop };
  }
  if (running > 0) return { phase: 'Running' };
  if (stop?.reason === 'Paused') return { phase: 'Paused', ...stop };
  return { phase: records === 0 ? 'Never run' : 'Idle' };
}
