import assert from 'node:assert/strict';

import { FULL_ACCESS, isAllowed, reviewer, type AccessRule } from '../../../sandbox/reviews.ts';

const RULES: readonly AccessRule[] = [
  { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'], namespaces: ['shop'] },
  { verbs: ['*'], apiGroups: ['batch'], resources: ['*'] },
  { verbs: ['get'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['mine'] },
];
const GET_POD = { verb: 'get', group: '', resource: 'pods', name: '', namespace: 'shop' };

describe('isAllowed', () => {
  const examples: [string, Partial<typeof GET_POD>, boolean][] = [
    ['what a rule names', {}, true],
    ['another verb', { verb: 'delete' }, false],
    ['another group', { group: 'apps' }, false],
    ['a subresource that is named', { resource: 'pods/log' }, true],
    ['a subresource that is not', { resource: 'pods/exec' }, false],
    ['another namespace', { namespace: 'bank' }, false],
    ['anything that stars cover', { verb: 'delete', group: 'batch', resource: 'jobs', namespace: 'bank' }, true],
    ['the object that is named', { group: 'coordination.k8s.io', resource: 'leases', name: 'mine' }, true],
    ['another object', { group: 'coordination.k8s.io', resource: 'leases', name: 'theirs' }, false],
  ];
  for (const [name, attributes, expected] of examples) {
    it(`${expected ? 'grants' : 'refuses'} ${name}`, () => {
      assert.equal(isAllowed(RULES, { ...GET_POD, ...attributes }), expected);
    });
  }

  it('grants everything with full access', () => {
    assert.equal(isAllowed(FULL_ACCESS, { verb: 'x', group: 'y', resource: 'z', name: '', namespace: '' }), true);
  });
});

describe('reviewer', () => {
  it('answers access reviews by the rules', () => {
    const review = reviewer('authorization.k8s.io', 'selfsubjectaccessreviews')!;
    const ask = (subresource: string): any =>
      review(RULES, { spec: { resourceAttributes: { verb: 'get', resource: 'pods', subresource, namespace: 'shop' } } });

    assert.equal(ask('log').status.allowed, true);
    assert.equal(ask('exec').status.allowed, false);
  });

  it('lists the rules of a namespace', () => {
    const review = reviewer('authorization.k8s.io', 'selfsubjectrulesreviews')!;

    const { status }: any = review(RULES, { spec: { namespace: 'bank' } });

    assert.deepEqual(
      status.resourceRules.map(({ apiGroups }: AccessRule) => apiGroups),
      [['batch'], ['coordination.k8s.io']],
    );
    assert.equal(status.incomplete, false);
  });
});
