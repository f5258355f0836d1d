import assert from 'node:assert/strict';

import { compareTrials } from '../../../../scripts/demo/compare-trials.ts';
import { aRecord } from '../../../support/builders.ts';

describe('compareTrials', () => {
  it('puts each trial beside the baseline, and marks the best', () => {
    const records = [
      aRecord({ number: 1, assignments: { cpu: 4, gc: 'g1' }, values: { p95: 0.4, cost: 40 } }),
      aRecord({ number: 2, assignments: { cpu: 8, gc: 'g1' }, values: { p95: 0.2, cost: 80 } }),
      aRecord({ number: 3, assignments: { cpu: 4, gc: 'zgc' }, values: { p95: 0.38, cost: 40 } }),
      aRecord({ number: 4, assignments: { cpu: 1, gc: 'zgc' }, failure: { reason: 'ContainerFailed' } }),
    ];
    const best = [
      { metric: 'p95', number: 2, value: 0.2 },
      { metric: 'cost', number: 1, value: 40 },
    ];

    const lines = compareTrials(records, { best, baseline: { number: 1, values: { p95: 0.4, cost: 40 } } });

    assert.deepEqual(lines, [
      'TRIAL        CPU   GC    P95          COST',
      'sizing-001   4     g1    0.4          40           baseline, best cost',
      'sizing-002   8     g1    0.2 (-50%)   80 (+100%)   best p95',
      'sizing-003   4     zgc   0.38 (-5%)   40           nothing worse',
      'sizing-004   1     zgc   -            -            failed: ContainerFailed',
    ]);
  });
});
