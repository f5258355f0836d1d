import assert from 'node:assert/strict';
import { allOrProblems } from '../../../runner/lifecycle/all-or-problems.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';

const invalid = (message: string) => new InvalidInput([{ file: 'e.yaml', path: '', message }]);

describe('all, or their problems', () => {
  it('gives every value in order', async () => {
    assert.deepEqual(await allOrProblems([Promise.resolve(1), Promise.resolve('two')]), [1, 'two']);
  });

  it('tells the problems of all that failed', async () => {
    const work = allOrProblems([Promise.reject(invalid('a')), Promise.resolve(1), Promise.reject(invalid('b'))]);

    await assert.rejects(work, { name: 'InvalidInput', message: 'e.yaml: a\ne.yaml: b' });
  });

  it('tells a problem once that failed what was built upon it', async () => {
    const failed = Promise.reject(invalid('a'));

    await assert.rejects(allOrProblems([failed, failed.then(() => 1)]), { message: 'e.yaml: a' });
  });

  it('does not hide a bug behind problems', async () => {
    const bug = new TypeError('undefined is not a function');

    await assert.rejects(allOrProblems([Promise.reject(invalid('a')), Promise.reject(bug)]), bug);
  });
});
