import assert from 'node:assert/strict';
import { parseDuration } from '../../../runner/definition/duration.ts';

describe('parseDuration', () => {
  const accepted: [string | number, number][] = [
    ['1h2m3s', 3_723_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['250us', 0.25],
    ['0', 0],
    [90, 90_000],
    [0.5, 500],
  ];
  for (const [text, milliseconds] of accepted) {
    it(`reads ${JSON.stringify(text)} as ${milliseconds} ms`, () => {
      assert.equal(parseDuration(text), milliseconds);
    });
  }

  for (const text of ['', '90', 'soon', '1d', '-5s', '5 s', '1h2', -1, Number.NaN]) {
    it(`refuses ${JSON.stringify(String(text))}`, () => {
      assert.equal(parseDuration(text), undefined);
    });
  }
});
