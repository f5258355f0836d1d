import assert from 'node:assert/strict';
import { fromRemote, toRemote } from '../../../runner/remote/remote-assignments.ts';
import { remoteDefinition, remoteDigest } from '../../../runner/remote/remote-definition.ts';
import { trialReport } from '../../../runner/remote/trial-report.ts';
import { aCategory, aDouble, aMetric, anExperiment, anInteger, aRecord, assignmentsOf } from '../../support/builders.ts';

describe('an experiment, sent to the Experiments API', () => {
  it('has parameters as int, double and categorical, with bounds as numbers', () => {
    const parameters = [anInteger('one', { min: 111, max: 222 }), aDouble('ratio', { min: 0.5, max: 2 }), aCategory('gc', ['G1', 'ZGC'])];

    assert.deepEqual(remoteDefinition(anExperiment({ parameters })).parameters, [
      { name: 'one', type: 'int', bounds: { min: 111, max: 222 } },
      { name: 'ratio', type: 'double', bounds: { min: 0.5, max: 2 } },
      { name: 'gc', type: 'categorical', values: ['G1', 'ZGC'] },
    ]);
  });

  it('is without its constants, numeric and categorical', () => {
    const parameters = [anInteger('one'), anInteger('test_case', { min: 1, max: 1 }), aCategory('zone', ['here'])];

    assert.deepEqual(
      remoteDefinition(anExperiment({ parameters })).parameters.map(({ name }) => name),
      ['one'],
    );
  });

  it('has constraints of order as they are', () => {
    const constraint = { type: 'order', name: 'order', lowerParameter: 'one', upperParameter: 'two' } as const;
    const parameters = [anInteger('one'), anInteger('two')];

    assert.deepEqual(remoteDefinition(anExperiment({ parameters, constraints: [constraint] })).constraints, [
      { name: 'order', constraintType: 'order', lowerParameter: 'one', upperParameter: 'two' },
    ]);
  });

  it('has sums with their weights, without those of zero', () => {
    const parameters = ['one', 'two', 'three', 'four'].map((name) => anInteger(name));
    const weights = [-1, 1, 3.5, 0];
    const constraint = {
      type: 'sum',
      name: 'sum',
      bound: 1,
      isUpperBound: true,
      parameters: parameters.map(({ name }, at) => ({ name, weight: weights[at]! })),
    } as const;

    assert.deepEqual(
      remoteDefinition(anExperiment({ parameters, constraints: [{ ...constraint, parameters: [...constraint.parameters] }] })).constraints,
      [
        {
          name: 'sum',
          constraintType: 'sum',
          isUpperBound: true,
          bound: 1,
          parameters: [
            { parameterName: 'one', weight: -1 },
            { parameterName: 'two', weight: 1 },
            { parameterName: 'three', weight: 3.5 },
          ],
        },
      ],
    );
  });

  it('has constraints with the constants worked in, and none that is about constants alone', () => {
    const parameters = [anInteger('cpu'), anInteger('least', { min: 5, max: 5 }), anInteger('most', { min: 9, max: 9 })];
    const constraints = [
      { type: 'order', name: 'at-least', lowerParameter: 'least', upperParameter: 'cpu' },
      {
        type: 'sum',
        name: 'quota',
        bound: 100,
        isUpperBound: true,
        parameters: [
          { name: 'cpu', weight: 2 },
          { name: 'most', weight: 3 },
        ],
      },
      { type: 'order', name: 'known', lowerParameter: 'least', upperParameter: 'most' },
    ] as const;

    const { constraints: sent } = remoteDefinition(anExperiment({ parameters, constraints: structuredClone(constraints) as any }));

    assert.deepEqual(sent, [
      { name: 'at-least', constraintType: 'sum', isUpperBound: true, bound: -5, parameters: [{ parameterName: 'cpu', weight: -1 }] },
      { name: 'quota', constraintType: 'sum', isUpperBound: true, bound: 73, parameters: [{ parameterName: 'cpu', weight: 2 }] },
    ]);
  });

  it('has of its metrics the name and the direction, not the query and the bounds', () => {
    const metrics = [aMetric('p95', { max: 3 }), aMetric('rate', { minimize: false }), aMetric('seen', { optimize: false })];

    assert.deepEqual(remoteDefinition(anExperiment({ metrics })).metrics, [
      { name: 'p95', minimize: true, optimize: true },
      { name: 'rate', minimize: false, optimize: true },
      { name: 'seen', minimize: true, optimize: false },
    ]);
  });

  it("has its budget as the ancestor's experimentBudget, and nothing without one", () => {
    assert.deepEqual(remoteDefinition(anExperiment({ suggest: { source: 'remote', budget: 40 } })).optimization, [
      { name: 'experimentBudget', value: '40' },
    ]);
    assert.equal(remoteDefinition(anExperiment({ suggest: { source: 'remote' } })).optimization, undefined);
  });

  it('has its labels by their bare names, and none where it has none', () => {
    const labels = { 'stormforge.io/application': 'shop', 'fieldtrial.dev/scenario': 'peak', team: 'a' };

    assert.deepEqual(remoteDefinition(anExperiment({ labels })).labels, { application: 'shop', scenario: 'peak', team: 'a' });
    assert.equal(remoteDefinition(anExperiment()).labels, undefined);
  });

  it('has a digest that changes with what is sent, and with nothing else', () => {
    const digest = remoteDigest(anExperiment());

    assert.match(digest, /^[0-9a-f]{16}$/);
    assert.equal(remoteDigest(anExperiment({ replicas: 7, patches: [{ type: 'merge', patch: '{}' }] })), digest);
    assert.notEqual(remoteDigest(anExperiment({ parameters: [anInteger('cpu', { max: 101 })] })), digest);
  });
});

describe('assignments of the Experiments API', () => {
  const parameters = [
    anInteger('one', { max: 222 }),
    aDouble('ratio'),
    aCategory('three', ['three', '4']),
    anInteger('four', { min: 4, max: 4 }),
  ];

  it('come in the order of the parameters, with the constants filled in', () => {
    const handed = [
      { parameterName: 'three', value: 'three' },
      { parameterName: 'ratio', value: 0.5 },
      { parameterName: 'one', value: 111 },
    ];

    assert.deepEqual(fromRemote(parameters, handed), assignmentsOf({ one: 111, ratio: 0.5, three: 'three', four: 4 }));
  });

  const values: [what: string, parameterName: string, value: number | string, expected: number | string][] = [
    ['numbers that came as text are numbers where the type is numeric', 'one', '111', 111],
    ['fractions too', 'ratio', '0.25', 0.25],
    ['text that looks like a number stays text where it is one of the values', 'three', '4', '4'],
    ['numbers are text where the values are', 'three', 4, '4'],
    ['text that is no number stays what it is, to be refused', 'one', 'infinity', 'infinity'],
    ['the value of an unknown parameter stays what it is, to be refused', 'seven', '7', '7'],
  ];
  for (const [what, parameterName, value, expected] of values) {
    it(`${what}: ${JSON.stringify(value)}`, () => {
      const read = fromRemote(parameters, [{ parameterName, value }]);

      assert.equal(read.find(({ name }) => name === parameterName)?.value, expected);
    });
  }

  it('are sent without the constants, numbers as numbers and text as text', () => {
    assert.deepEqual(toRemote(parameters, assignmentsOf({ one: 1, ratio: 0.5, three: '4', four: 4 })), [
      { parameterName: 'one', value: 1 },
      { parameterName: 'ratio', value: 0.5 },
      { parameterName: 'three', value: '4' },
    ]);
  });
});

describe('the report of a trial', () => {
  it('has every value', () => {
    assert.deepEqual(trialReport(aRecord({ values: { p95: 111.111, cost: 1111.1111 } })), {
      values: [
        { metricName: 'p95', value: 111.111 },
        { metricName: 'cost', value: 1111.1111 },
      ],
    });
  });

  it('has the errors that there are, and none of zero', () => {
    const record = aRecord({ values: { p95: 1, cost: 2 } });
    const [p95, cost] = record.status.values;

    const report = trialReport({
      status: {
        ...record.status,
        values: [
          { ...p95!, error: 0.1 },
          { ...cost!, error: 0 },
        ],
      },
    });

    assert.deepEqual(report.values, [
      { metricName: 'p95', value: 1, error: 0.1 },
      { metricName: 'cost', value: 2 },
    ]);
  });

  it('has the failure with reason and message, and no values then', () => {
    const record = aRecord({ failure: { reason: 'Unschedulable', message: '0/3 nodes are available' }, values: { p95: 1 } });

    assert.deepEqual(trialReport(record), { failed: true, failureReason: 'Unschedulable', failureMessage: '0/3 nodes are available' });
  });

  it('has both times or neither', () => {
    const { status } = aRecord();
    const startTime = '2026-01-01T09:31:12.000Z';
    const completionTime = '2026-01-01T09:33:17.000Z';

    assert.deepEqual(trialReport({ status: { ...status, startTime, completionTime } }), { startTime, completionTime });
    assert.deepEqual(trialReport({ status: { ...status, startTime } }), {});
  });

  it('is empty where nothing was measured', () => {
    assert.deepEqual(trialReport(aRecord()), {});
  });
});
