import assert from 'node:assert/strict';

import type { Constraint, Parameter, ParameterValue } from '../../../../runner/model/experiment.ts';
import { pointOf } from '../../../../runner/plan/point.ts';
import { nextOnGrid } from '../../../../runner/plan/sources/grid.ts';
import { aCategory, anInteger } from '../../../support/builders.ts';

type Grid = { parameters: Parameter[]; constraints?: Constraint[]; limit?: number };

/** Every point in the order in which the source gives them. */
function wholeGrid({ parameters, constraints = [], limit }: Grid): ParameterValue[][] {
  const tried = new Set<string>();
  const points: ParameterValue[][] = [];
  while (true) {
    const point = nextOnGrid({ parameters, constraints, tried, limit });
    if (point === undefined) return points;
    tried.add(pointOf(point.assignments));
    points.push(point.assignments.map(({ value }) => value));
  }
}

describe('nextOnGrid', () => {
  it('combines all values, the last parameter varying fastest', () => {
    const parameters = [anInteger('replicas', { min: 1, max: 2 }), aCategory('gc', ['g1', 'zgc'])];

    assert.deepEqual(wholeGrid({ parameters }), [
      [1, 'g1'],
      [1, 'zgc'],
      [2, 'g1'],
      [2, 'zgc'],
    ]);
  });

  it('skips points that violate a constraint', () => {
    const parameters = [anInteger('low', { max: 3 }), anInteger('high', { max: 3 })];
    const constraints: Constraint[] = [{ type: 'order', name: 'order', lowerParameter: 'low', upperParameter: 'high' }];

    assert.deepEqual(wholeGrid({ parameters, constraints }), [
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 2],
      [2, 3],
      [3, 3],
    ]);
  });

  it('names the place of a point on the grid', () => {
    const parameters = [anInteger('cpu', { min: 1, max: 3 })];

    const point = nextOnGrid({ parameters, constraints: [], tried: new Set([pointOf([{ name: 'cpu', value: 1 }])]) });

    assert.deepEqual(point, { index: 1, assignments: [{ name: 'cpu', value: 2 }] });
  });

  it('is exhausted when every point violates a constraint', () => {
    const constraints: Constraint[] = [
      { type: 'sum', name: 'quota', bound: 0, isUpperBound: true, parameters: [{ name: 'cpu', weight: 1 }] },
    ];

    assert.deepEqual(wholeGrid({ parameters: [anInteger('cpu')], constraints }), []);
  });

  it('finds the few points that meet a constraint among the many of a large grid', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const parameters = names.map((name) => anInteger(name, { min: 1, max: 10 }));
    const parts = (all: string[]) => all.map((name) => ({ name, weight: 1 }));
    const constraints: Constraint[] = [
      { type: 'sum', name: 'least', bound: 59, isUpperBound: false, parameters: parts(names) },
      { type: 'order', name: 'order', lowerParameter: 'b', upperParameter: 'a' },
    ];

    const points = wholeGrid({ parameters, constraints });

    assert.equal(points.length, 6);
    assert.deepEqual(points[0], [10, 9, 10, 10, 10, 10]);
    assert.deepEqual(points.at(-1), [10, 10, 10, 10, 10, 10]);
  });

  it('has no more points than the budget affords', () => {
    const parameters = [anInteger('cpu', { max: 4000 }), anInteger('memory', { max: 4000 }), aCategory('gc', ['g1', 'zgc', 'parallel'])];

    const points = wholeGrid({ parameters, limit: 40 });

    assert.equal(points.length, 36);
  });
});
