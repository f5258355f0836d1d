import assert from 'node:assert/strict';
import { checkBounds } from '../../../runner/lifecycle/check-bounds.ts';
import type { MetricValue } from '../../../runner/model/record.ts';
import { aMetric } from '../../support/builders.ts';

const aValue = (name: string, value: number): MetricValue => ({
  name,
  value,
  type: 'kubernetes',
  query: '1',
  raw: String(value),
  time: '2026-01-01T00:00:00.000Z',
});

describe('the bounds of metrics', () => {
  it('are kept by values inside and on them', () => {
    const metrics = [aMetric('p95', { max: 0.3 }), aMetric('rate', { min: 10 }), aMetric('cost')];

    assert.equal(checkBounds(metrics, [aValue('p95', 0.3), aValue('rate', 10), aValue('cost', 99)]), undefined);
  });

  it('fail the trial in collect when a value violates one', () => {
    const failure = checkBounds([aMetric('p95', { max: 0.3 })], [aValue('p95', 0.31)]);

    assert.equal(failure?.stage, 'collect');
    assert.equal(failure?.reason, 'MetricBound');
    assert.match(failure?.message ?? '', /p95: 0\.31 is above the maximum of 0\.3/);
  });

  it('are all named when several are violated', () => {
    const failure = checkBounds([aMetric('p95', { max: 0.3 }), aMetric('rate', { min: 10 })], [aValue('p95', 1), aValue('rate', 1)]);

    assert.match(failure?.message ?? '', /p95: .*; .*rate: /);
  });

  it('are those of the metric of the same name, in whatever order', () => {
    assert.equal(checkBounds([aMetric('a', { max: 1 }), aMetric('b', { max: 5 })], [aValue('b', 3), aValue('a', 1)]), undefined);
  });
});
