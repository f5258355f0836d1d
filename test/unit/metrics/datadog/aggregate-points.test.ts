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
  ];
  for (const [aggregator, values, value] of cases) {
    it(`${JSON.stringify(values)} are ${value} by ${aggregator}`, () => {
      assert.deepEqual(aggregatePoints(answer(...values), aggregator), { value });
    });
  }

  it('have the least and the greatest of their own, where the ancestor began both at 0', () => {
    assert.deepEqual(aggregatePoints(answer(3, 2, 4), 'min'), { value: 2 });
    assert.deepEqual(aggregatePoints(answer(-3, -1, -2), 'max'), { value: -1 });
  });

  it('are never a silent zero without points', () => {
    assert.deepEqual(aggregatePoints(answer(null), 'sum'), { why: 'no points' });
  });
});
