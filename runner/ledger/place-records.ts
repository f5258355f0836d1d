import { recordPath, trialName } from '../model/names.ts';
import type { TrialRecord } from '../model/record.ts';
import type { RecordBook } from './record-book.ts';
import { hasText } from './record-file.ts';
import { formatRecord } from './record-text.ts';

/** Where a record goes on the branch: `Written` needs a commit, `Present` is there with the same content. */
export type Placement =
  | { status: 'Written'; record: TrialRecord; path: string; text: string; previous: TrialRecord | undefined }
  | { status: 'Present'; record: TrialRecord };

/**
 * Gives each record its file, in the order given. A trial that the branch knows by its uid keeps the number it has there; a number that
 * another trial took gives ours the next free one, and its name and path with it. Same branch and records, same placements.
 */
export function placeRecords(book: Pick<RecordBook, 'find' | 'numbers'>, records: readonly TrialRecord[]): Placement[] {
  const placed = new Map<string, { record: TrialRecord; text: string }>();
  const numbers = new Map<string, Set<number>>();

  return records.map((submitted) => {
    const { experiment, uid } = submitted.spec;
    const key = `${experiment} ${uid}`;
    const before = placed.get(key);
    const onBranch = before === undefined ? book.find(experiment, uid) : undefined;
    const previous = before?.record ?? onBranch?.record;
    const taken = numbers.get(experiment) ?? new Set(book.numbers(experiment));
    const record = numbered(submitted, previous?.spec.number ?? freeNumber(submitted.spec.number, taken));
    const text = formatRecord(record);

    numbers.set(experiment, taken.add(record.spec.number));
    placed.set(key, { record, text });
    if (before?.text === text || (onBranch !== undefined && hasText(onBranch.file, text))) return { status: 'Present', record };
    return { status: 'Written', record, path: recordPath(experiment, record.spec.number), text, previous };
  });
}

function freeNumber(wanted: number, taken: ReadonlySet<number>): number {
  return taken.has(wanted) ? Math.max(...taken) + 1 : wanted;
}

function numbered(record: TrialRecord, number: number): TrialRecord {
  if (record.spec.number === number) return record;
  return { ...record, metadata: { name: trialName(record.spec.experiment, number) }, spec: { ...record.spec, number } };
}
