import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { API_TYPES_PATH, apiTypesSource } from '../../support/api-types-source.ts';

describe('the table of API types', () => {
  it('is that of the Kubernetes that tests run on', () => {
    const committed = readFileSync(API_TYPES_PATH, 'utf8');

    assert.equal(apiTypesSource(), committed, 'run `node test/support/api-types-source.ts`');
  });
});
