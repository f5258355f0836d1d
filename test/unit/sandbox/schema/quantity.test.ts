import assert from 'node:assert/strict';

import { canonicalQuantity } from '../../../../sandbox/schema/quantity.ts';

describe('canonicalQuantity', () => {
  const examples: [string, string | undefined][] = [
    ['1000m', '1'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1.', '1'],
    ['100000', '100k'],
    ['1500', '1500'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1000Mi', '1000Mi'],
    ['0.3Ki', '307200m'],
    ['1e3', '1e3'],
    ['1.0e-3', '1e-3'],
    ['1E', '1E'],
    ['0.1n', '1n'],
    ['-1', '-1'],
    ['0', '0'],
    ['', undefined],
    ['abc', undefined],
    ['1 Gi', undefined],
  ];
  for (const [text, expected] of examples) {
    it(`gives ${expected} for "${text}"`, () => {
      assert.equal(canonicalQuantity(text), expected);
    });
  }
});
