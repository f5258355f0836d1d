import assert from 'node:assert/strict';
import { aggregatePoints } from '../../../../runner/metrics/datadog/aggregate-points.ts';

const answer = (...values: (number | null)[]) => ({ status: 'ok', series: [{ pointlist: values.map((value, at) => [at, value]) }] });

describe('the points of a series', () => {
  const cases: [aggregator: Parameters<typeof aggregatePoints>[1], values: (number | null)[], value: number][] = [
    ['avg', [1, 2, 6], 3],
    ['last', [1, 6, 2], 2],
    ['max', [1, 6, 2], 6],
    ['min', [1, 6, 2], 1],
    ['sum', [1, 6, 2], 9],
    ['avg', [null, 2, null, 4], 3],
    ['last', [1, 2, null], 2],
    // The ancestor began both at 0 (R§25.1.10).
    ['max', [-3, -1, -2], -1],
    ['min', [3, 2, 4], 2],
  ];
  for (const [aggregator, values, value] of cases) {
    it(`${JSON.stringify(values)} are ${value} by ${aggregator}`, () => {
      assert.deepEqual(aggregatePoints(answer(...values), aggregator), { value });
    });
  }

  it('are never a silent zero without points', () => {
    assert.deepEqual(aggregatePoints(answer(null), 'sum'), { why: 'no points' });
  });
});
