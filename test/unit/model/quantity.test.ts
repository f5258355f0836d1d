import assert from 'node:assert/strict';
import { parseQuantity } from '../../../runner/model/quantity.ts';

describe('parseQuantity', () => {
  const accepted: [string | number, number][] = [
    ['4', 4],
    ['-1.0', -1],
    ['+3.5', 3.5],
    ['.5', 0.5],
    ['100m', 0.1],
    ['5000m', 5],
    ['0.3', 0.3],
    ['1k', 1000],
    ['2G', 2e9],
    ['2Gi', 2 ** 31],
    ['1e3', 1000],
    ['1E', 1e18],
    ['2E3', 2000],
    [0.25, 0.25],
  ];
  for (const [text, value] of accepted) {
    it(`reads ${JSON.stringify(text)} as ${value}`, () => {
      assert.equal(parseQuantity(text), value);
    });
  }

  for (const text of ['', 'low', '1 Gi', '1KiB', '1e', '--1', '0x10', Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses ${JSON.stringify(String(text))}`, () => {
      assert.equal(parseQuantity(text), undefined);
    });
  }
});
