import assert from 'node:assert/strict';

import { experimentStatus } from '../../../runner/results/experiment-status.ts';
import { statusTable } from '../../../runner/results/status-table.ts';
import { trialsTable } from '../../../runner/results/trials-table.ts';
import { anExperiment, anInteger, aRecord } from '../../support/builders.ts';

describe('statusTable', () => {
  it('has one line per experiment', () => {
    const experiment = anExperiment({ parameters: [anInteger('cpu', { baseline: 50 })] });
    const records = [
      aRecord({ assignments: { cpu: 50 }, values: { p95: 0.4 } }),
      aRecord({ number: 2, assignments: { cpu: 80 }, values: { p95: 0.3 } }),
    ];
    const statuses = [
      experimentStatus({ experiment, digest: 'digest', queue: [], records, running: 1 }),
      experimentStatus({
        experiment: anExperiment({ name: 'gc', replicas: 0 }),
        digest: 'digest',
        queue: [],
        records: [],
        running: 0,
      }),
    ];

    assert.deepEqual(statusTable(statuses), [
      'EXPERIMENT   PHASE     COMPLETED   FAILED   INFRASTRUCTURE   RUNNING   BUDGET LEFT   BEST',
      'sizing       Running   2           0        0                1         8 of 10       p95 0.3 -25% (#2)',
      'gc           Paused    0           0        0                0         10 of 10      -',
    ]);
  });
});

describe('trialsTable', () => {
  it('has one line per trial, by number', () => {
    const stages = [{ stage: 'run', startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:01:30Z' } as const];
    const records = [
      aRecord({
        number: 3,
        source: { type: 'retry', of: 2 },
        assignments: { cpu: 8, gc: 'g1' },
        values: { p95: 0.25, cost: 41.23456 },
        stages,
      }),
      aRecord({
        number: 2,
        assignments: { cpu: 8, gc: 'g1' },
        failure: { reason: 'Evicted', infrastructure: true },
        slot: 'shop-2',
      }),
      aRecord({ number: 1, digest: 'older', source: { type: 'baseline' } }),
    ];

    assert.deepEqual(trialsTable(records, 'digest'), [
      'NUMBER   PHASE       REASON    ASSIGNMENTS   VALUES                DURATION   SLOT     REMARKS',
      '1        Completed   -         cpu=1         -                     -          shop-1   baseline, earlier definition',
      '2        Failed      Evicted   cpu=8 gc=g1   -                     -          shop-2   infrastructure',
      '3        Completed   -         cpu=8 gc=g1   p95=0.25 cost=41.23   1m30s      shop-1   retry of 2',
    ]);
  });
});
