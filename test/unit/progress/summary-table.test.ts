import assert from 'node:assert/strict';

import type { RunEvent } from '../../../runner/progress/events.ts';
import { summaryTable } from '../../../runner/progress/summary-table.ts';

type Finished = Extract<RunEvent, { type: 'trial-finished' }>;

const finished = (fields: Partial<Finished>): RunEvent => ({
  type: 'trial-finished',
  experiment: 'sizing',
  trial: 'sizing-001',
  slot: 'shop-1',
  phase: 'Completed',
  values: {},
  seconds: 1,
  ...fields,
});

const metrics = [
  { name: 'p95', minimize: true, optimize: true },
  { name: 'throughput', minimize: false, optimize: true },
  { name: 'errors', minimize: true, optimize: false },
];

describe('summaryTable', () => {
  it('counts trials and shows the best of each optimized metric beside the baseline', () => {
    const events = [
      finished({ values: { p95: 0.2, throughput: 90, errors: 1 } }),
      finished({ values: { p95: 0.3, throughput: 120, errors: 0 } }),
      finished({ phase: 'Failed', reason: 'MetricBound', values: { p95: 0.01, throughput: 999, errors: 0 } }),
    ];

    const table = summaryTable(events, [{ name: 'sizing', metrics, baseline: { p95: 0.25, throughput: 100, errors: 0 } }]);

    assert.deepEqual(table, [
      'EXPERIMENT   TRIALS   FAILED   BEST OF THIS RUN',
      'sizing       3        1        p95 0.2 (-20% vs baseline), throughput 120 (+20% vs baseline)',
    ]);
  });

  it('compares the baseline with nothing where it is the best', () => {
    const [, row] = summaryTable([finished({ values: { p95: 0.25 } })], [{ name: 'sizing', metrics, baseline: { p95: 0.25 } }]);

    assert.match(row!, /p95 0\.25$/);
  });

  it('shows values alone without a baseline', () => {
    const [, row] = summaryTable([finished({ values: { p95: 0.123456 } })], [{ name: 'sizing', metrics }]);

    assert.match(row!, /p95 0\.1235$/);
  });

  it('has a line for an experiment without trials', () => {
    const [, , row] = summaryTable(
      [finished({})],
      [
        { name: 'sizing', metrics },
        { name: 'gc', metrics },
      ],
    );

    assert.equal(row, 'gc           0        0        -');
  });
});
