import assert from 'node:assert/strict';
import type { Assignment, Constraint, Parameter } from '../../../runner/model/experiment.ts';
import { checkAssignments, violatedConstraints, withConstants } from '../../../runner/model/parameter-space.ts';

const cpu: Parameter = { type: 'integer', name: 'cpu', min: 100, max: 4000, step: 100, scale: 'linear' };
const ratio: Parameter = { type: 'double', name: 'ratio', min: 0.1, max: 0.9, step: 0.1, scale: 'linear' };
const gc: Parameter = { type: 'categorical', name: 'gc', values: ['g1', '2'] };

describe('checkAssignments', () => {
  it('accepts a point of the space, its bounds included', () => {
    assert.deepEqual(check([cpu, ratio, gc], { cpu: 100, ratio: 0.9, gc: '2' }), []);
  });

  it('accepts decimal steps that are inexact in binary', () => {
    assert.deepEqual(check([ratio], { ratio: 0.1 + 0.2 }), []);
  });

  it('names the nearest parameter for an unknown one', () => {
    assert.deepEqual(check([gc], { gc: 'g1', gcc: 'g1' }), ['unknown parameter "gcc"; did you mean "gc"?']);
  });

  it('lists the parameters when none is near', () => {
    assert.deepEqual(check([cpu, gc], { cpu: 100, gc: 'g1', heapsize: 3 }), [
      'unknown parameter "heapsize"; declared parameters are cpu, gc',
    ]);
  });

  it('wants every parameter once', () => {
    const twice = [...assign({ cpu: 100 }), ...assign({ cpu: 200 })];

    assert.deepEqual(checkAssignments([cpu, gc], [], twice), ['parameter "cpu" is assigned twice', 'parameter "gc" has no value']);
  });

  const refused: [Parameter, number | string, string][] = [
    [cpu, 0, 'parameter "cpu": 0 is below the minimum of 100'],
    [cpu, 5000, 'parameter "cpu": 5000 is above the maximum of 4000'],
    [cpu, 150, 'parameter "cpu": 150 is not on a step; steps of 100 are counted from 100'],
    [cpu, 100.5, 'parameter "cpu": 100.5 is not a whole number, and the parameter\'s type is integer'],
    [cpu, '100', 'parameter "cpu": "100" is text; the parameter\'s type is integer, so write a number without quotes'],
    [ratio, Number.NaN, 'parameter "ratio": NaN is not a finite number'],
    [gc, 'cms', 'parameter "gc": "cms" is not one of "g1", "2"'],
    [gc, 2, 'parameter "gc": 2 is not one of "g1", "2"; write it in quotes'],
  ];
  for (const [parameter, value, message] of refused) {
    it(`says: ${message}`, () => {
      assert.deepEqual(check([parameter], { [parameter.name]: value }), [message]);
    });
  }

  it('says which values break a constraint', () => {
    const order: Constraint = { type: 'order', name: 'sizes', lowerParameter: 'cpu', upperParameter: 'limit' };

    const problems = checkAssignments([cpu, { ...cpu, name: 'limit' }], [order], assign({ cpu: 300, limit: 200 }));

    assert.deepEqual(problems, ['constraint "sizes" is violated: cpu (300) must be at most limit (200)']);
  });

  function check(parameters: Parameter[], values: Record<string, number | string>): string[] {
    return checkAssignments(parameters, [], assign(values));
  }
});

describe('violatedConstraints', () => {
  const order: Constraint = { type: 'order', name: 'order', lowerParameter: 'a', upperParameter: 'b' };
  const sum = (bound: number, isUpperBound: boolean, weight = 1): Constraint => ({
    type: 'sum',
    name: 'sum',
    bound,
    isUpperBound,
    parameters: [
      { name: 'a', weight },
      { name: 'b', weight },
    ],
  });
  // The ancestor's cases (R§24.6), and two of ours.
  const cases: [string, Constraint, Record<string, number>, boolean][] = [
    ['accepts a lower below an upper', order, { a: 1, b: 2 }, false],
    ['accepts a lower equal to an upper', order, { a: 2, b: 2 }, false],
    ['refuses a lower above an upper', order, { a: 3, b: 2 }, true],
    ['accepts a sum below an upper bound', sum(5, true), { a: 2, b: 2 }, false],
    ['accepts a sum at an upper bound', sum(5, true), { a: 2, b: 3 }, false],
    ['refuses a sum above an upper bound', sum(5, true), { a: 3, b: 3 }, true],
    ['refuses a sum below a lower bound', sum(3, false), { a: 1, b: 1 }, true],
    ['accepts a sum at a lower bound', sum(3, false), { a: 1, b: 2 }, false],
    ['accepts a sum above a lower bound', sum(3, false), { a: 2, b: 2 }, false],
    ['accepts a sum that reaches its bound but for the binary fraction', sum(0.3, true, 0.1), { a: 1, b: 2 }, false],
    ['does not judge a constraint whose parameters are missing', order, { a: 3 }, false],
  ];
  for (const [sentence, constraint, values, violated] of cases) {
    it(sentence, () => {
      assert.deepEqual(violatedConstraints([constraint], assign(values)), violated ? [constraint] : []);
    });
  }
});

describe('withConstants', () => {
  it('fills in parameters with one value and keeps the order of the parameters', () => {
    const one: Parameter = { ...cpu, name: 'one', min: 3, max: 3 };

    const completed = withConstants([one, gc, cpu], assign({ cpu: 100, gc: 'g1' }));

    assert.deepEqual(completed, assign({ one: 3, gc: 'g1', cpu: 100 }));
  });
});

function assign(values: Record<string, number | string>): Assignment[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
