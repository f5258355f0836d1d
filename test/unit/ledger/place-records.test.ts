import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { placeRecords } from '../../../runner/ledger/place-records.ts';
import { recordBook } from '../../../runner/ledger/record-book.ts';
import { readRecordFile } from '../../../runner/ledger/record-file.ts';
import { formatRecord } from '../../../runner/ledger/record-text.ts';
import { recordPath } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { aRecord } from '../../support/builders.ts';

describe('placeRecords', () => {
  it('gives a record the file of its number', () => {
    const [placement] = placeRecords(bookOf(), [aRecord({ number: 7 })]);

    assert.deepEqual(placement, {
      status: 'Written',
      record: aRecord({ number: 7 }),
      path: 'experiments/sizing/trials/007.yaml',
      text: formatRecord(aRecord({ number: 7 })),
      previous: undefined,
    });
  });

  it('finds a record that is there with the same content', () => {
    assert.deepEqual(placeRecords(bookOf(aRecord()), [aRecord()]), [{ status: 'Present', record: aRecord() }]);
  });

  it('rewrites a record of the same trial under the number that it has', () => {
    const onBranch = aTrial({ uid: 'ours', number: 9 });

    const [placement] = placeRecords(bookOf(onBranch), [aTrial({ uid: 'ours', number: 7, values: { p95: 1 } })]);

    assert.deepEqual(placement?.record, aTrial({ uid: 'ours', number: 9, values: { p95: 1 } }));
    assert.deepEqual(placement?.status === 'Written' && placement.previous, onBranch);
  });

  it('gives the next free number, name and path when the number belongs to another trial', () => {
    const book = bookOf(aTrial({ uid: 'other', number: 3 }), aTrial({ uid: 'last', number: 5 }));

    const [placement] = placeRecords(book, [aTrial({ uid: 'ours', number: 3 })]);

    assert.deepEqual(placement?.record, aTrial({ uid: 'ours', number: 6 }));
    assert.equal(placement?.status === 'Written' && placement.path, 'experiments/sizing/trials/006.yaml');
  });

  it('gives two records of one batch different numbers', () => {
    const placements = placeRecords(bookOf(aTrial({ uid: 'other', number: 1 })), [
      aTrial({ uid: 'a', number: 1 }),
      aTrial({ uid: 'b', number: 2 }),
    ]);

    assert.deepEqual(
      placements.map(({ record }) => [record.spec.uid, record.spec.number]),
      [
        ['a', 2],
        ['b', 3],
      ],
    );
  });

  it('commits a trial twice whose record came twice with different content', () => {
    const placements = placeRecords(bookOf(), [aRecord(), aRecord({ values: { p95: 1 } }), aRecord({ values: { p95: 1 } })]);

    assert.deepEqual(
      placements.map(({ status }) => status),
      ['Written', 'Written', 'Present'],
    );
  });

  it('counts the numbers of each experiment for itself', () => {
    const [placement] = placeRecords(bookOf(aRecord({ experiment: 'other' })), [aRecord()]);

    assert.equal(placement?.record.spec.number, 1);
  });
});

function aTrial({ uid, ...fields }: { uid: string; number: number; values?: Record<string, number> }): TrialRecord {
  const record = aRecord({ ...fields, source: { type: 'random', index: 0 } });
  return { ...record, spec: { ...record.spec, uid } };
}

function bookOf(...records: TrialRecord[]) {
  return recordBook(
    records.map((record) => {
      const { experiment, number } = record.spec;
      const text = formatRecord(record);
      const blob = createHash('sha1')
        .update(`blob ${Buffer.byteLength(text)}\0${text}`)
        .digest('hex');
      return readRecordFile({ path: recordPath(experiment, number), experiment, number, blob }, text);
    }),
  );
}
