import assert from 'node:assert/strict';
import { gitBlob } from '../../../runner/definition/git-blob.ts';

describe('gitBlob', () => {
  it('is what git hash-object prints', () => {
    assert.equal(gitBlob(Buffer.from('hello\n')), 'ce013625030ba8dba906f756967f9e9ca394464a');
  });
});
