import assert from 'node:assert/strict';
import { cutAnswer, lastLines } from '../../../runner/metrics/cut-answer.ts';

describe('a raw answer', () => {
  it('is kept whole up to 2 KiB', () => {
    const text = 'x'.repeat(2048);

    assert.equal(cutAnswer(text), text);
  });

  it('is cut to 2 KiB with a mark, between characters', () => {
    const cut = cutAnswer('ä'.repeat(2000));

    assert.match(cut, /^ä+…$/);
    assert.equal(Buffer.byteLength(cut), 2047);
  });

  it('keeps the end of a log, by whole lines', () => {
    const cut = lastLines(`${'a'.repeat(2000)}\n${'b'.repeat(100)}\n`);

    assert.equal(cut, `…${'b'.repeat(100)}`);
  });

  it('keeps the end of one long line, between characters', () => {
    assert.match(lastLines('ä'.repeat(2000) + 'x'), /^…ä+x$/);
  });
});
