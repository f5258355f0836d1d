import type { TrialRecord } from '../model/record.ts';
import { commitMessage } from './commit-message.ts';
import type { NewCommit } from './commit-stream.ts';
import type { Placement } from './place-records.ts';
import type { RecordBook } from './record-book.ts';

/** The commit with which a run begins. It changes no file: it proves that the runner may push, and says what follows. */
export function startCommit(run: string, version: string, experiments: readonly string[]): NewCommit {
  const trailers = [...experiments.map((name) => `Fieldtrial-Experiment: ${name}`), `Fieldtrial-Run: ${run}`].join('\n');
  return { message: `Begin run ${run}\n\nWritten by fieldtrial ${version}.\n\n${trailers}\n`, files: [] };
}

/** The commit of a record; none for one that is there with the same content. */
export function recordCommits(placement: Placement, book: Pick<RecordBook, 'records'>): NewCommit[] {
  if (placement.status === 'Present') return [];
  const { record, path, text, previous } = placement;
  return [{ message: commitMessage(record, { baseline: baselineOf(record, book), previous }), files: [{ path, content: text }] }];
}

function baselineOf({ spec }: TrialRecord, book: Pick<RecordBook, 'records'>): TrialRecord | undefined {
  const { experiment, definition } = spec;
  return book
    .records(experiment)
    .findLast((other) => other.spec.baseline && other.status.phase === 'Completed' && other.spec.definition.digest === definition.digest);
}
