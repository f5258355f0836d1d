import assert from 'node:assert/strict';
import { parseFinite } from '../../../runner/metrics/parse-finite.ts';

describe('a finite decimal number', () => {
  const numbers: [text: string, value: number][] = [
    ['5', 5],
    [' 5.25\n', 5.25],
    ['-0.5', -0.5],
    ['+.5', 0.5],
    ['5.', 5],
    ['1.5e+06', 1_500_000],
    ['1E-3', 0.001],
  ];
  for (const [text, value] of numbers) {
    it(`is ${JSON.stringify(text)}`, () => {
      assert.equal(parseFinite(text), value);
    });
  }

  for (const text of [
    '',
    ' ',
    'NaN',
    'Inf',
    '+Inf',
    '-Infinity',
    '0x1f',
    '0b1',
    '1_000',
    '1,5',
    '100m',
    '5 s',
    '1e999',
    '.',
    'e5',
    'null',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.equal(parseFinite(text), undefined);
    });
  }
});
