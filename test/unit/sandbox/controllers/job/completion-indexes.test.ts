import assert from 'node:assert/strict';

import { completedIndexes, formatIndexes } from '../../../../../sandbox/controllers/job/completion-indexes.ts';
import type { StoredObject } from '../../../../../sandbox/store.ts';

describe('formatIndexes', () => {
  const examples: [number[], string][] = [
    [[], ''],
    [[3], '3'],
    [[1, 0], '0,1'],
    [[0, 1, 2], '0-2'],
    [[7, 0, 2, 3, 4], '0,2-4,7'],
  ];
  for (const [indexes, text] of examples) {
    it(`writes ${JSON.stringify(indexes)} as "${text}"`, () => {
      assert.equal(formatIndexes(indexes), text);
    });
  }
});

describe('completedIndexes', () => {
  it('reads what formatIndexes writes', () => {
    assert.deepEqual(completedIndexes(jobWith('0,2-4,7', 8)), [0, 2, 3, 4, 7]);
  });

  it('leaves out those that the Job does not have any more', () => {
    assert.deepEqual(completedIndexes(jobWith('0,2-4,7', 4)), [0, 2, 3]);
  });

  it('finds none before there are any', () => {
    assert.deepEqual(completedIndexes(jobWith(undefined, 4)), []);
  });
});

function jobWith(indexes: string | undefined, completions: number): StoredObject {
  return { spec: { completions }, status: { completedIndexes: indexes } } as unknown as StoredObject;
}
