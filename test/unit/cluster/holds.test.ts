import assert from 'node:assert/strict';

import { holds } from '../../../runner/cluster/holds.ts';

describe('holds', () => {
  const sent = {
    kind: 'Lease',
    metadata: { name: 'slot', resourceVersion: '1', annotations: { journal: 'a' } },
    spec: { holderIdentity: 'me' },
  };

  it('overlooks what the server added', () => {
    const current = {
      ...sent,
      metadata: { ...sent.metadata, resourceVersion: '2', uid: 'u', managedFields: [{ manager: 'fieldtrial' }] },
      spec: { ...sent.spec, leaseTransitions: 0 },
    };

    assert.equal(holds(current, sent), true);
  });

  it('notices a value that differs', () => {
    assert.equal(holds({ ...sent, spec: { holderIdentity: 'you' } }, sent), false);
  });

  it('notices an annotation that is missing', () => {
    assert.equal(holds({ ...sent, metadata: { name: 'slot', annotations: {} } }, sent), false);
  });

  it('notices an item too many', () => {
    assert.equal(holds({ list: [1, 2] }, { list: [1] }), false);
  });

  it('does not mind fields that JSON leaves out', () => {
    assert.equal(holds({}, { spec: undefined }), true);
  });
});
