import { formatRecord, parseRecord } from '../runner/ledger/record-text.ts';
import { recordPath, trialName } from '../runner/model/names.ts';
import type { TrialRecord } from '../runner/model/record.ts';

/** Files of `count` trials like a real one, that of number 1, which must be there already: of the same definition, other points, other results. */
export function* historyLike(text: string, count: number): Generator<[path: string, text: string]> {
  const real = parseRecord(text, 'the record to copy');
  for (let number = 2; number <= count; number += 1) {
    const record = anotherTrial(real, number);
    yield [recordPath(record.spec.experiment, number), formatRecord(record)];
  }
}

function anotherTrial({ spec, status, ...record }: TrialRecord, number: number): TrialRecord {
  return {
    ...record,
    metadata: { name: trialName(spec.experiment, number) },
    spec: {
      ...spec,
      number,
      assignments: spec.assignments.map(({ name }, index) => ({ name, value: number * 7 + index })),
      source: { type: 'random', index: number - 1 },
      uid: spec.uid.replace(/.{12}$/, String(number).padStart(12, '0')),
    },
    status: { ...status, values: status.values.map((value) => ({ ...value, value: number, raw: String(number) })) },
  };
}
