import assert from 'node:assert/strict';
import { showCompanion } from '../../../runner/cli/show-companion.ts';

describe('What stands beside an experiment', () => {
  it('is shown by kind and name', () => {
    const { name, object } = showCompanion({ kind: 'ConfigMap', metadata: { name: 'scripts' }, data: { a: 'b' } });

    assert.equal(name, 'ConfigMap scripts');
    assert.deepEqual(object, { kind: 'ConfigMap', metadata: { name: 'scripts' }, data: { a: 'b' } });
  });

  it('is shown of a Secret without what it holds', () => {
    const { object } = showCompanion({
      kind: 'Secret',
      metadata: { name: 'db' },
      data: { password: 'czNjcmV0' },
      stringData: { user: 'me' },
    });

    assert.deepEqual(object, { kind: 'Secret', metadata: { name: 'db' }, data: { password: '***' }, stringData: { user: '***' } });
  });

  it('need not be an object', () => {
    assert.deepEqual([showCompanion([1]).name, showCompanion({}).name], ['no object', 'object without kind']);
  });
});
