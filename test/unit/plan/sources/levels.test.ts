import assert from 'node:assert/strict';

import { gridLevels } from '../../../../runner/plan/sources/levels.ts';
import { aCategory, aDouble, anInteger } from '../../../support/builders.ts';

describe('gridLevels', () => {
  describe('without a budget', () => {
    it('takes a short range whole', () => {
      assert.deepEqual(gridLevels([anInteger('replicas', { min: 2, max: 5 })], undefined), [[2, 3, 4, 5]]);
    });

    it('thins a long range, both ends included', () => {
      assert.deepEqual(gridLevels([anInteger('cpu', { min: 100, max: 4000 })], undefined), [[100, 1075, 2050, 3025, 4000]]);
    });

    it('takes a declared step whole', () => {
      const [levels] = gridLevels([anInteger('cpu', { min: 100, max: 4000, step: 100 })], undefined);

      assert.equal(levels!.length, 40);
      assert.deepEqual([levels!.at(0), levels!.at(1), levels!.at(-1)], [100, 200, 4000]);
    });

    it('thins a double without a step', () => {
      assert.deepEqual(gridLevels([aDouble('ratio')], undefined), [[0, 0.25, 0.5, 0.75, 1]]);
    });

    it('ends on the last step where the maximum is none', () => {
      assert.deepEqual(gridLevels([anInteger('cpu', { min: 1, max: 10, step: 4 })], undefined), [[1, 5, 9]]);
    });
  });

  it('writes decimal steps without binary noise', () => {
    assert.deepEqual(gridLevels([aDouble('ratio', { min: 0.1, max: 0.4, step: 0.1 })], undefined), [[0.1, 0.2, 0.3, 0.4]]);
  });

  it('gives a lone parameter the whole budget', () => {
    assert.deepEqual(gridLevels([aDouble('ratio')], 3), [[0, 0.5, 1]]);
  });

  it('shares the budget among the parameters', () => {
    const levels = gridLevels([aDouble('a'), aDouble('b'), aCategory('gc', ['g1', 'zgc'])], 24);

    assert.deepEqual(
      levels.map(({ length }) => length),
      [4, 3, 2],
    );
  });

  it('gives what a short range does not need to the others', () => {
    const levels = gridLevels([anInteger('replicas', { max: 2 }), aDouble('b')], 20);

    assert.deepEqual(
      levels.map(({ length }) => length),
      [2, 10],
    );
  });

  it('moves thinned levels to the steps', () => {
    assert.deepEqual(gridLevels([anInteger('cpu', { min: 100, max: 1000, step: 100 })], 3), [[100, 600, 1000]]);
  });

  it('spreads levels evenly on a logarithmic scale', () => {
    assert.deepEqual(gridLevels([aDouble('rate', { min: 0.001, max: 10, scale: 'log' })], 5), [[0.001, 0.01, 0.1, 1, 10]]);
  });

  it('has no level twice after rounding', () => {
    assert.deepEqual(gridLevels([anInteger('threads', { min: 1, max: 100, scale: 'log' })], 12), [
      [1, 2, 4, 5, 8, 12, 19, 28, 43, 66, 100],
    ]);
  });

  it('always combines both ends and all categories', () => {
    assert.deepEqual(gridLevels([anInteger('cpu'), aCategory('gc', ['g1', 'zgc'])], 1), [
      [1, 100],
      ['g1', 'zgc'],
    ]);
  });

  it('has one level for a constant', () => {
    assert.deepEqual(gridLevels([anInteger('cpu', { min: 4, max: 4 }), aDouble('ratio', { min: 1, max: 1 })], 10), [[4], [1]]);
  });
});
