import assert from 'node:assert/strict';
import { experimentStarted } from '../../runner/experiment-started.ts';
import { aMetric, anExperiment, anInteger, aRecord } from '../support/builders.ts';

const stages = (seconds: number) => [
  { stage: 'run' as const, startedAt: '2026-01-01T10:00:00Z', finishedAt: new Date(Date.UTC(2026, 0, 1, 10, 0, seconds)).toISOString() },
];

describe('experimentStarted', () => {
  it('says where the generation stands, and how far it may go', () => {
    const experiment = anExperiment({
      replicas: 3,
      parameters: [anInteger('cpu', { baseline: 2 })],
      metrics: [aMetric('p95', { max: 0.3 }), aMetric('errors', { optimize: false })],
    });
    const records = [
      aRecord({ number: 1, assignments: { cpu: 9 }, values: { p95: 0.01 }, digest: 'older' }),
      aRecord({ number: 2, assignments: { cpu: 2 }, source: { type: 'baseline' }, values: { p95: 0.29, errors: 0 }, stages: stages(10) }),
      aRecord({ number: 3, assignments: { cpu: 4 }, values: { p95: 0.2, errors: 1 }, stages: stages(20) }),
      aRecord({ number: 4, assignments: { cpu: 1 }, failure: { reason: 'MetricBound' }, values: { p95: 0.4 } }),
      aRecord({ number: 5, assignments: { cpu: 3 }, failure: { infrastructure: true } }),
    ];

    const event = experimentStarted({ experiment, digest: 'digest', queue: [], records, pending: [] }, 2);

    assert.deepEqual(event, {
      type: 'experiment-started',
      experiment: 'sizing',
      trials: 3,
      failed: 1,
      left: 7,
      parallel: 2,
      seconds: 15,
      metrics: [
        { name: 'p95', minimize: true, optimize: true, max: 0.3 },
        { name: 'errors', minimize: true, optimize: false },
      ],
      baseline: { p95: 0.29, errors: 0 },
      best: [{ metric: 'p95', trial: 'sizing-003', value: 0.2 }],
    });
  });

  it('leaves out what nobody knows yet', () => {
    const experiment = anExperiment({ suggest: { source: 'manual' } });

    const event = experimentStarted({ experiment, digest: 'digest', queue: [], records: [], pending: [] }, 4);

    assert.deepEqual(event, {
      type: 'experiment-started',
      experiment: 'sizing',
      trials: 0,
      failed: 0,
      left: 0,
      parallel: 1,
      metrics: [{ name: 'p95', minimize: true, optimize: true }],
      baseline: {},
      best: [],
    });
  });
});
