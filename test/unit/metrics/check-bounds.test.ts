import assert from 'node:assert/strict';
import { violatedBound } from '../../../runner/metrics/check-bounds.ts';

describe('the bounds of a metric', () => {
  const cases: { value: number; min?: number; max?: number; violated?: string }[] = [
    { value: 1 },
    { value: 1, min: 2, violated: 'metric p95: 1 is below the minimum of 2' },
    { value: 2, max: 1, violated: 'metric p95: 2 is above the maximum of 1' },
    { value: 1.23456789, min: 1.2345 },
    { value: 1.23456789, max: 1.2345, violated: 'metric p95: 1.23456789 is above the maximum of 1.2345' },
    { value: 0.2, max: 0.1, violated: 'metric p95: 0.2 is above the maximum of 0.1' },
    { value: 0.2, min: 0.1 },
    { value: 2, min: 2, max: 2 },
    { value: -1, min: 0, violated: 'metric p95: -1 is below the minimum of 0' },
  ];
  for (const { value, min, max, violated } of cases) {
    it(`from ${min ?? 'nothing'} to ${max ?? 'nothing'} ${violated === undefined ? 'hold' : 'do not hold'} ${value}`, () => {
      const message = violatedBound({ name: 'p95', ...(min !== undefined && { min }), ...(max !== undefined && { max }) }, value);

      assert.equal(message, violated);
    });
  }
});
