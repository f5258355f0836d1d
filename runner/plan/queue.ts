import type { Assignment, Experiment } from '../model/experiment.ts';
import { checkAssignments } from '../model/parameter-space.ts';
import type { Suggestion, SuggestionSource } from '../model/trial.ts';
import type { BegunTrial } from './generation.ts';

/** A file of `suggestions/`; known by path and blob digest, so an edited file is a new suggestion. */
export type QueuedSuggestion = { path: string; blob: string; assignments: Assignment[] };

/**
 * The first queued file that no trial of this generation was begun for; undefined when there is none. A file may repeat
 * a point that was tried. Files that the experiment cannot try are passed over: validation reports them.
 */
export function nextQueued(
  queue: readonly QueuedSuggestion[],
  experiment: Pick<Experiment, 'parameters' | 'constraints'>,
  begun: readonly BegunTrial[],
): Suggestion | undefined {
  const [waiting] = waitingInQueue(queue, experiment, begun);
  if (waiting === undefined) return undefined;
  const { path, blob, assignments } = waiting;
  return { assignments, source: { type: 'queue', path, blob } };
}

/** Every queued file that a trial may still be begun for, in order. */
export function waitingInQueue(
  queue: readonly QueuedSuggestion[],
  { parameters, constraints }: Pick<Experiment, 'parameters' | 'constraints'>,
  begun: readonly Pick<BegunTrial, 'source'>[],
): QueuedSuggestion[] {
  const isBegun = (file: QueuedSuggestion) => begun.some(({ source }) => isFile(source, file));
  return queue.filter((file) => !isBegun(file) && checkAssignments(parameters, constraints, file.assignments).length === 0);
}

function isFile(source: SuggestionSource, { path, blob }: QueuedSuggestion): boolean {
  return source.type === 'queue' && source.path === path && source.blob === blob;
}
