import assert from 'node:assert/strict';
import { clockDifference, clockProblem, versionProblem } from '../../runner/assess-server.ts';

describe('the version of a cluster', () => {
  for (const [version, ok] of [
    ['v1.36.3', true],
    ['v1.27.0-eks-1234', true],
    ['v2.0.0', true],
    ['v1.26.15', false],
    ['1.20', false],
    ['unknown', true],
  ] as const) {
    it(`${version} ${ok ? 'will do' : 'is too old'}`, () => {
      assert.equal(versionProblem(version) === undefined, ok);
    });
  }
});

describe('the clock of a cluster', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

  it('is the same while the answer, cut to seconds, may have been given between question and hearing', () => {
    assert.equal(clockDifference(at(10.2), at(10), at(10.4)), 0);
    assert.equal(clockDifference(at(10.9), at(12), at(12.1)), 0);
  });

  it('is ahead by what it is at least', () => {
    assert.equal(clockDifference(at(10), at(16), at(11)), 5);
  });

  it('is behind by what it is at least', () => {
    assert.equal(clockDifference(at(10), at(4), at(11)), -5.001);
  });

  it('is no problem up to three seconds', () => {
    assert.equal(clockProblem(-3), undefined);
    assert.match(clockProblem(-3.1) ?? '', /3\.1 s behind/);
  });
});
