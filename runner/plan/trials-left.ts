import { assessBaseline } from './assess-baseline.ts';
import { countedTrials, currentGeneration } from './generation.ts';
import type { PlanInput } from './plan-next.ts';
import { waitingInQueue } from './queue.ts';
import { countFromSource } from './suggest-from-source.ts';

/**
 * How many trials of the experiment may still count, those under way among them: its budget, or fewer where the baseline, the queue and
 * the source have no more to offer. An upper bound: what a failure policy may end is not foreseen.
 */
export function trialsLeft({ experiment, digest, queue, records, pending }: Omit<PlanInput, 'run' | 'trialsLeft'>): number {
  const generation = currentGeneration(records, digest);
  const { budget = Infinity } = experiment.suggest;
  const affordable = Math.max(0, budget - countedTrials(generation).length);
  const begun = [...generation.map(({ spec }) => spec), ...pending];
  const baseline = assessBaseline(experiment, generation, pending);
  const queued = waitingInQueue(queue, experiment, begun);
  // A source does not repeat what the baseline and the queue try before it.
  const before = [...(baseline.status === 'Due' ? [baseline] : []), ...queued];
  const offered = pending.length + before.length + countFromSource(experiment, [...begun, ...before], affordable);
  return Math.min(affordable, offered);
}
