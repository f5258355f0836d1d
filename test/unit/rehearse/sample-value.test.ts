import assert from 'node:assert/strict';
import { sampleValue } from '../../../runner/rehearse/sample-value.ts';

describe('the value of a metric that nobody can be asked for', () => {
  it('is the sample, beyond the bounds as well', () => {
    assert.equal(sampleValue({ sample: 42, min: 0, max: 1 }, 1), 42);
  });

  for (const [what, bounds] of [
    ['both bounds', { min: 0.1, max: 0.3 }],
    ['a lower bound', { min: 500 }],
    ['an upper bound', { max: 0.3 }],
    ['a negative upper bound', { max: -5 }],
  ] as const) {
    it(`keeps within ${what} in every trial`, () => {
      const { min = -Infinity, max = Infinity } = bounds as { min?: number; max?: number };

      const values = Array.from({ length: 20 }, (_, index) => sampleValue(bounds, index + 1));

      assert.ok(
        values.every((value) => value > min && value < max),
        String(values),
      );
    });
  }

  it('is the same for the same trial and another one for the next', () => {
    assert.equal(sampleValue({}, 1), sampleValue({}, 1));
    assert.notEqual(sampleValue({}, 1), sampleValue({}, 2));
  });
});
