import assert from 'node:assert/strict';

import { parseFieldSelector, parseLabelSelector } from '../../../sandbox/selectors.ts';
import { StatusError, type StoredObject } from '../../../sandbox/store.ts';

function pod(labels: Record<string, string>): StoredObject {
  const metadata = { name: 'one', namespace: 'shop', uid: '', resourceVersion: '1', creationTimestamp: '', labels };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase: 'Running' } };
}

function isBadRequest(error: unknown): boolean {
  return error instanceof StatusError && error.code === 400;
}

describe('parseLabelSelector', () => {
  const examples: [string, boolean][] = [
    ['', true],
    ['app=web', true],
    ['app==web,tier=db', false],
    ['app!=web', false],
    ['absent!=x', true],
    ['app', true],
    ['!app', false],
    ['!absent', true],
    ['app in (api, web)', true],
    ['app notin (api,web),app', false],
    ['absent notin (x)', true],
    ['size>3', true],
    ['size<3', false],
    ['example.com/part-of=shop', true],
  ];
  for (const [text, expected] of examples) {
    it(`${expected ? 'matches' : 'does not match'} by "${text}"`, () => {
      const matches = parseLabelSelector(text);

      assert.equal(matches(pod({ app: 'web', size: '4', 'example.com/part-of': 'shop' })), expected);
    });
  }

  for (const text of ['a b', 'a in b', '=x', 'a=(b)']) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseLabelSelector(text), isBadRequest);
    });
  }
});

describe('parseFieldSelector', () => {
  const examples: [string, boolean][] = [
    ['', true],
    ['metadata.name=one', true],
    ['metadata.name==one,metadata.namespace!=shop', false],
    ['status.phase!=Failed', true],
    ['spec.nodeName=', true],
  ];
  for (const [text, expected] of examples) {
    it(`${expected ? 'matches' : 'does not match'} by "${text}"`, () => {
      const matches = parseFieldSelector(text, { group: '', kind: 'Pod' });

      assert.equal(matches(pod({})), expected);
    });
  }

  it('refuses a field by which the kind is not selected', () => {
    assert.throws(() => parseFieldSelector('spec.image=x', { group: '', kind: 'Pod' }), isBadRequest);
    assert.throws(() => parseFieldSelector('status.phase=x', { group: '', kind: 'ConfigMap' }), isBadRequest);
  });
});
