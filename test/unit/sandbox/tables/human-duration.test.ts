import assert from 'node:assert/strict';

import { humanDuration } from '../../../../sandbox/tables/human-duration.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

describe('humanDuration', () => {
  const examples: [number, string][] = [
    [-5_000, '<invalid>'],
    [-500, '0s'],
    [119_999, '119s'],
    [2 * MINUTE, '2m'],
    [9 * MINUTE + 30_000, '9m30s'],
    [90 * MINUTE, '90m'],
    [3 * HOUR + 20 * MINUTE, '3h20m'],
    [47 * HOUR, '47h'],
    [2 * DAY + HOUR, '2d1h'],
    [100 * DAY, '100d'],
    [800 * DAY, '2y70d'],
    [3_650 * DAY, '10y'],
  ];
  for (const [milliseconds, expected] of examples) {
    it(`writes ${milliseconds} ms as ${expected}`, () => {
      assert.equal(humanDuration(milliseconds), expected);
    });
  }
});
