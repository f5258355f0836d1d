import assert from 'node:assert/strict';
import { fitEnd, fitStart, oneLine, widthOf } from '../../../../runner/progress/board/fit-text.ts';

describe('fitting text', () => {
  it('pads what is short', () => {
    assert.deepEqual([fitStart('run', 5), fitEnd('run', 5)], ['run  ', 'run  ']);
  });

  it('cuts what is long, at its end or at its beginning', () => {
    assert.deepEqual([fitStart('sizing-007', 6), fitEnd('sizing-007', 6)], ['sizin…', '…g-007']);
  });

  it('counts columns, not characters', () => {
    assert.deepEqual(['设置', 'e\u0301', '👩‍💻'].map(widthOf), [4, 1, 2]);
    assert.deepEqual([fitStart('设置设置', 4), fitEnd('设置设置', 4)], ['设… ', '…置 ']);
  });

  it('tears no character into pieces', () => {
    assert.equal(fitStart('👩‍💻👩‍💻👩‍💻', 5), '👩‍💻👩‍💻…');
  });

  it('has nothing to say in no column', () => {
    assert.deepEqual([fitStart('run', 0), fitEnd('run', 0)], ['', '']);
  });

  it("makes one harmless line of a server's words", () => {
    assert.equal(oneLine(' error:\r\n\t\u001B[31mred\u001B[2J\u0007 alert \n'), 'error: red alert');
  });
});
