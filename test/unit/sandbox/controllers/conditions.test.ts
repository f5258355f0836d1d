import assert from 'node:assert/strict';

import { replaceCondition, withCondition, type Condition } from '../../../../sandbox/controllers/conditions.ts';

const early = new Date('2026-01-01T00:00:00Z');
const late = new Date('2026-01-01T00:01:00Z');
const available: Condition = { type: 'Available', status: 'True', reason: 'Enough', message: 'enough' };
const progressing: Condition = { type: 'Progressing', status: 'True', reason: 'Updated', message: 'on its way' };

describe('withCondition', () => {
  it('leaves a condition of the same status and reason as it is', () => {
    const before = withCondition([], available, early);

    assert.deepEqual(withCondition(before, { ...available, message: 'more than enough' }, late), before);
  });

  it('moves the transition time with the status alone', () => {
    const before = withCondition([], progressing, early);

    const [sameStatus] = withCondition(before, { ...progressing, reason: 'Done' }, late);
    const [otherStatus] = withCondition(before, { ...progressing, status: 'False', reason: 'Done' }, late);

    assert.deepEqual(
      [sameStatus, otherStatus].map(({ lastUpdateTime, lastTransitionTime }) => [lastUpdateTime, lastTransitionTime]),
      [
        ['2026-01-01T00:01:00Z', '2026-01-01T00:00:00Z'],
        ['2026-01-01T00:01:00Z', '2026-01-01T00:01:00Z'],
      ],
    );
  });

  it('puts what has changed at the end', () => {
    const before = withCondition(withCondition([], progressing, early), available, early);

    const after = withCondition(before, { ...progressing, reason: 'Done' }, late);

    assert.deepEqual(
      after.map(({ type }) => type),
      ['Available', 'Progressing'],
    );
  });
});

describe('replaceCondition', () => {
  it('renews the update time also when nothing else has changed', () => {
    const before = withCondition([], progressing, early);

    const [after] = replaceCondition(before, progressing, late);

    assert.deepEqual([after.lastUpdateTime, after.lastTransitionTime], ['2026-01-01T00:01:00Z', '2026-01-01T00:00:00Z']);
  });
});
