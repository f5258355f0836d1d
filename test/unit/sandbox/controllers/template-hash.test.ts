import assert from 'node:assert/strict';

import { templateHash } from '../../../../sandbox/controllers/template-hash.ts';

describe('templateHash', () => {
  it('is the same for equal templates, whatever the order of their members', () => {
    const one = templateHash({ metadata: { labels: { app: 'web', tier: 'front' } }, spec: {} });
    const other = templateHash({ spec: {}, metadata: { labels: { tier: 'front', app: 'web' } } });

    assert.equal(one, other);
  });

  it('differs with the order of lists', () => {
    assert.notEqual(templateHash({ args: ['a', 'b'] }), templateHash({ args: ['b', 'a'] }));
  });

  it('has letters that make no words', () => {
    assert.match(templateHash({ spec: {} }), /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });
});
