import assert from 'node:assert/strict';
import { exitCode, type ExitFacts } from '../../../runner/cli/exit-code.ts';

const NOTHING: ExitFacts = { unpushed: false, bug: false, givenUp: false, invalid: false, stopped: false, held: false };

describe('the exit code of a run', () => {
  it('is 0 when there is nothing to say', () => {
    assert.equal(exitCode(NOTHING), 0);
  });

  const alone: [keyof ExitFacts, number][] = [
    ['unpushed', 7],
    ['bug', 1],
    ['givenUp', 8],
    ['invalid', 3],
    ['stopped', 5],
    ['held', 6],
  ];
  for (const [fact, code] of alone) {
    it(`is ${code} for ${fact}`, () => {
      assert.equal(exitCode({ ...NOTHING, [fact]: true }), code);
    });
  }

  it('is that of the worst: results in danger, then a bug, then work that is left, then what is invalid, then what gave up', () => {
    const everything: ExitFacts = { unpushed: true, bug: true, givenUp: true, invalid: true, stopped: true, held: true };

    assert.equal(exitCode(everything), 7);
    assert.equal(exitCode({ ...everything, unpushed: false }), 1);
    assert.equal(exitCode({ ...everything, unpushed: false, bug: false }), 8);
    assert.equal(exitCode({ ...everything, unpushed: false, bug: false, givenUp: false }), 3);
    assert.equal(exitCode({ ...NOTHING, stopped: true, held: true }), 5);
  });
});
