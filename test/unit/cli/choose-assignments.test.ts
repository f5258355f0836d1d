import assert from 'node:assert/strict';
import { chooseAssignments, parseAssigned, type DefaultChoice } from '../../../runner/cli/choose-assignments.ts';
import type { Constraint, ParameterValue } from '../../../runner/model/experiment.ts';
import { checkAssignments } from '../../../runner/model/parameter-space.ts';
import { aCategory, aDouble, anInteger } from '../../support/builders.ts';

const PARAMETERS = [
  anInteger('cpu', { min: 100, max: 450, step: 100, baseline: 200 }),
  aDouble('ratio', { min: 0.5, max: 1.5, baseline: 1 }),
  aCategory('gc', ['G1', 'ZGC', 'Parallel'], 'ZGC'),
  anInteger('replicas', { min: 3, max: 3, baseline: 3 }),
];

describe('assignments that somebody chooses', () => {
  const choose = (choice: DefaultChoice, assigned: Record<string, ParameterValue> = {}, constraints: Constraint[] = []) => {
    const chosen = chooseAssignments({ parameters: PARAMETERS, constraints }, new Map(Object.entries(assigned)), choice, 7);
    return Object.fromEntries(chosen.map(({ name, value }) => [name, value]));
  };

  it('have the least, the greatest or the baseline value of each parameter, its own and not the last one', () => {
    assert.deepEqual(choose('min'), { cpu: 100, ratio: 0.5, gc: 'G1', replicas: 3 });
    assert.deepEqual(choose('max'), { cpu: 400, ratio: 1.5, gc: 'Parallel', replicas: 3 });
    assert.deepEqual(choose('baseline'), { cpu: 200, ratio: 1, gc: 'ZGC', replicas: 3 });
  });

  it('have what is assigned, whatever the default', () => {
    assert.deepEqual(choose('max', { cpu: 300, gc: 'G1' }), { cpu: 300, ratio: 1.5, gc: 'G1', replicas: 3 });
  });

  it('have constants without anybody naming them', () => {
    assert.equal(choose('none', { cpu: 100, ratio: 1, gc: 'G1' })['replicas'], 3);
  });

  it('have random values in their ranges that meet the constraints, beside those that are assigned', () => {
    const parameters = [anInteger('low', { max: 10 }), anInteger('high', { max: 10 })];
    const constraints: Constraint[] = [{ type: 'order', name: 'order', lowerParameter: 'low', upperParameter: 'high' }];
    const drawn = Array.from({ length: 50 }, (_, seed) =>
      chooseAssignments({ parameters, constraints }, new Map([['low', 9]]), 'random', seed),
    );

    for (const assignments of drawn) assert.deepEqual(checkAssignments(parameters, constraints, assignments), []);
    assert.deepEqual(new Set(drawn.map(([low]) => low?.value)), new Set([9]));
    // Inclusive at both ends.
    assert.deepEqual(new Set(drawn.map(([, high]) => high?.value)), new Set([9, 10]));
  });

  it('have random values of every type in their ranges, that of a constant too', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const drawn = chooseAssignments({ parameters: PARAMETERS, constraints: [] }, new Map(), 'random', seed);

      assert.deepEqual(checkAssignments(PARAMETERS, [], drawn), []);
      assert.equal(drawn.at(-1)?.value, 3);
    }
  });

  it('cannot be random where nothing meets the constraints beside what is assigned', () => {
    const constraints: Constraint[] = [
      { type: 'sum', name: 'quota', bound: 100, isUpperBound: true, parameters: [{ name: 'cpu', weight: 1 }] },
    ];

    assert.throws(() => choose('random', { cpu: 400 }, constraints), {
      name: 'UsageError',
      message: 'no value for ratio, gc; no values were found that meet the constraints together with those given',
    });
  });

  it('name every parameter that has no value', () => {
    assert.throws(() => choose('none', { gc: 'G1' }), {
      message: 'no value for cpu, ratio; give -A cpu=VALUE, --default min, max, random or baseline, or --interactive',
    });
  });

  it('are read by the type of their parameters, and every one that is wrong is named', () => {
    const space = { parameters: PARAMETERS, constraints: [] };

    assert.deepEqual(
      [...parseAssigned(space, ['cpu=200', 'gc=ZGC'])],
      [
        ['cpu', 200],
        ['gc', 'ZGC'],
      ],
    );
    assert.throws(
      () => parseAssigned(space, ['cpu=250', 'gc=CMS', 'mem=1']),
      (error: Error) => {
        assert.match(error.message, /"cpu": 250 is not on a step.*"gc": "CMS" is not one of.*unknown parameter "mem"/);
        return true;
      },
    );
  });
});
