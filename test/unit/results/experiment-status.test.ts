import assert from 'node:assert/strict';

import { experimentStatus, type StatusInput } from '../../../runner/results/experiment-status.ts';
import { aMetric, anExperiment, anInteger, aRecord } from '../../support/builders.ts';

function statusOf(input: Partial<StatusInput> = {}) {
  return experimentStatus({
    experiment: anExperiment(),
    digest: 'digest',
    queue: [],
    records: [],
    running: 0,
    ...input,
  });
}

const parameters = [anInteger('cpu', { baseline: 50 })];
const baseline = aRecord({ assignments: { cpu: 50 }, source: { type: 'baseline' }, values: { p95: 0.4, cost: 10 } });

describe('experimentStatus', () => {
  describe('phase', () => {
    const done = { source: 'random', budget: 1, seed: 1 } as const;
    const phases: [string, Partial<StatusInput>, object][] = [
      ['Never run without records', {}, { phase: 'Never run' }],
      ['Idle with records and work left', { records: [aRecord()] }, { phase: 'Idle' }],
      [
        'Idle when nothing is suggested',
        { records: [aRecord()], experiment: anExperiment({ suggest: { source: 'manual' } }) },
        { phase: 'Idle' },
      ],
      ['Running while a trial runs', { running: 1 }, { phase: 'Running' }],
      ['Paused with replicas 0', { experiment: anExperiment({ replicas: 0 }) }, { phase: 'Paused', reason: 'Paused' }],
      [
        'Completed when the budget is spent',
        { experiment: anExperiment({ suggest: done }), records: [aRecord()] },
        { phase: 'Completed', reason: 'BudgetSpent' },
      ],
      [
        'Completed rather than Paused',
        { experiment: anExperiment({ suggest: done, replicas: 0 }), records: [aRecord()] },
        { phase: 'Completed', reason: 'BudgetSpent' },
      ],
      [
        'Completed when every point is tried',
        { experiment: anExperiment({ parameters: [anInteger('cpu', { max: 1 })] }), records: [aRecord()] },
        { phase: 'Completed', reason: 'SpaceExhausted' },
      ],
      [
        'Failed when the policy stopped it',
        { experiment: anExperiment({ failurePolicy: { maxTotal: 1 } }), records: [aRecord({ failure: {} })] },
        { phase: 'Failed', reason: 'TooManyFailures' },
      ],
      [
        'Failed when the baseline failed',
        { experiment: anExperiment({ parameters }), records: [aRecord({ assignments: { cpu: 50 }, failure: {} })] },
        { phase: 'Failed', reason: 'BaselineFailed' },
      ],
      ['Idle in a new generation', { records: [aRecord({ digest: 'older' })] }, { phase: 'Idle' }],
    ];
    for (const [name, input, expected] of phases) {
      it(`is ${name}`, () => {
        const { phase, reason } = statusOf(input);

        assert.deepEqual({ phase, ...(reason !== undefined && { reason }) }, expected);
      });
    }
  });

  it('counts trials by how they ended', () => {
    const records = [
      aRecord({ number: 1, digest: 'older' }),
      aRecord({ number: 2 }),
      aRecord({ number: 3, failure: {} }),
      aRecord({ number: 4, failure: { infrastructure: true } }),
    ];

    const { trials, budget } = statusOf({ records, running: 2 });

    assert.deepEqual(trials, { completed: 1, failed: 1, infrastructure: 1, running: 2, older: 1 });
    assert.deepEqual(budget, { total: 10, left: 8 });
  });

  it('has no budget where none is set', () => {
    assert.equal(statusOf({ experiment: anExperiment({ suggest: { source: 'grid' } }) }).budget, undefined);
  });

  it('compares the best of each optimized metric with the baseline', () => {
    const experiment = anExperiment({
      parameters,
      metrics: [aMetric('p95'), aMetric('throughput', { minimize: false }), aMetric('errors', { optimize: false })],
    });
    const records = [
      aRecord({ number: 1, assignments: { cpu: 50 }, values: { p95: 0.4, throughput: 100, errors: 0 } }),
      aRecord({ number: 2, assignments: { cpu: 80 }, values: { p95: 0.3, throughput: 90, errors: 0 } }),
      aRecord({ number: 3, assignments: { cpu: 90 }, values: { p95: 0.5, throughput: 125, errors: 0 } }),
    ];

    const { best, baseline } = statusOf({ experiment, records });

    assert.deepEqual(baseline, { number: 1, values: { p95: 0.4, throughput: 100, errors: 0 } });
    assert.deepEqual(best, [
      { metric: 'p95', number: 2, value: 0.3, change: -25 },
      { metric: 'throughput', number: 3, value: 125, change: 25 },
    ]);
  });

  it('has no comparison without a baseline or against zero', () => {
    const records = [aRecord({ assignments: { cpu: 50 }, values: { p95: 0 } }), aRecord({ number: 2, values: { p95: -1 } })];

    assert.deepEqual(statusOf({ records }).best, [{ metric: 'p95', number: 2, value: -1 }]);
    assert.deepEqual(statusOf({ experiment: anExperiment({ parameters }), records }).best, [{ metric: 'p95', number: 2, value: -1 }]);
  });

  it('takes the first of equal trials', () => {
    const records = [aRecord({ number: 3, values: { p95: 1 } }), aRecord({ number: 2, values: { p95: 1 } })];

    assert.equal(statusOf({ records }).best[0]!.number, 2);
  });

  it('never calls a failed trial best', () => {
    const records = [aRecord({ values: { p95: 2 } }), aRecord({ number: 2, values: { p95: 1 }, failure: { reason: 'MetricBound' } })];

    assert.equal(statusOf({ records }).best[0]!.number, 1);
  });

  it('never calls a baseline best that violates a bound', () => {
    const experiment = anExperiment({ parameters, metrics: [aMetric('p95', { max: 0.3 }), aMetric('cost')] });
    const records = [baseline, aRecord({ number: 2, values: { p95: 0.3, cost: 12 } })];

    assert.deepEqual(statusOf({ experiment, records }).best[1], { metric: 'cost', number: 2, value: 12, change: 20 });
  });

  describe('Pareto best', () => {
    const experiment = anExperiment({ metrics: [aMetric('p95'), aMetric('throughput', { minimize: false })] });

    it('are the trials that no other beats in every metric', () => {
      const records = [
        aRecord({ number: 1, values: { p95: 1, throughput: 10 } }),
        aRecord({ number: 2, values: { p95: 2, throughput: 20 } }),
        aRecord({ number: 3, values: { p95: 2, throughput: 15 } }),
        aRecord({ number: 4, values: { p95: 1, throughput: 10 } }),
        aRecord({ number: 5, values: { p95: 3, throughput: 5 } }),
      ];

      assert.deepEqual(statusOf({ experiment, records }).paretoBest, [1, 2, 4]);
    });

    it('do not exist for a single metric', () => {
      assert.equal(statusOf({ records: [aRecord({ values: { p95: 1 } })] }).paretoBest, undefined);
    });
  });
});
