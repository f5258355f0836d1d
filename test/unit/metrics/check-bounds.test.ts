import assert from 'node:assert/strict';
import { violatedBound } from '../../../runner/metrics/check-bounds.ts';
import { parseQuantity } from '../../../runner/model/quantity.ts';

type Case = { value: number; min?: string; max?: string; violated?: string };

const ANCESTOR: Record<string, Case> = {
  'no bounds and no value': { value: 0 },
  'no bounds': { value: 1 },
  'a value below the minimum': { value: 1, min: '2.0', violated: 'metric p95: 1 is below the minimum of 2' },
  'a value above the maximum': { value: 2, max: '1.0', violated: 'metric p95: 2 is above the maximum of 1' },
  'a value a little above the minimum': { value: 1.23456789, min: '1.2345' },
  'a value a little above the maximum': {
    value: 1.23456789,
    max: '1.2345',
    violated: 'metric p95: 1.23456789 is above the maximum of 1.2345',
  },
  'a value above a maximum in thousandths': { value: 0.2, max: '100m', violated: 'metric p95: 0.2 is above the maximum of 0.1' },
  'a value above a minimum in thousandths': { value: 0.2, min: '100m' },
};

const OURS: Record<string, Case> = {
  'a value that is both bounds': { value: 2, min: '2', max: '2' },
  'a value below zero': { value: -1, min: '0', violated: 'metric p95: -1 is below the minimum of 0' },
  'a value of gigabytes': { value: 2 ** 31, max: '2Gi' },
};

describe('the bounds of a metric', () => {
  describe('as the ancestor judges them (R§24.5)', () => judge(ANCESTOR));
  describe('at their ends', () => judge(OURS));
});

function judge(cases: Record<string, Case>): void {
  for (const [what, { value, min, max, violated }] of Object.entries(cases)) {
    it(`${violated === undefined ? 'hold' : 'are violated by'} ${what}`, () => {
      const bounds = { ...(min !== undefined && { min: parseQuantity(min)! }), ...(max !== undefined && { max: parseQuantity(max)! }) };

      assert.equal(violatedBound({ name: 'p95', ...bounds }, value), violated);
    });
  }
}
