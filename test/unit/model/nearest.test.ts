import assert from 'node:assert/strict';
import { nearest } from '../../../runner/model/nearest.ts';

describe('nearest', () => {
  const known = ['replicas', 'parameters', 'patches', 'metrics', 'cpu'];

  it('finds the name with a letter too few, too many, wrong or swapped', () => {
    const found = ['replica', 'metricss', 'patchez', 'metrisc'].map((name) => nearest(name, known));

    assert.deepEqual(found, ['replicas', 'metrics', 'patches', 'metrics']);
  });

  it('ignores case', () => {
    assert.equal(nearest('CPU', known), 'cpu');
  });

  it('prefers the closest of several', () => {
    assert.equal(nearest('max_replica', ['min_replicas', 'max_replicas']), 'max_replicas');
  });

  it('finds nothing where every name is far', () => {
    assert.equal(nearest('optimization', known), undefined);
  });
});
