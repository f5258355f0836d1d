import assert from 'node:assert/strict';

import { covers, missingAccess, type AccessRule } from '../../../runner/cluster/access.ts';
import type { Cluster } from '../../../runner/cluster/port.ts';

const { signal } = new AbortController();
const GET_PODS: AccessRule = { apiGroup: '', resource: 'pods', verb: 'get' };
const PATCH_DEPLOYMENTS: AccessRule = { apiGroup: 'apps', resource: 'deployments', verb: 'patch' };
const GET_LOGS: AccessRule = { apiGroup: '', resource: 'pods/log', verb: 'get' };

describe('missingAccess', () => {
  it('asks once when the rules grant everything', async () => {
    const reviews = answering([{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }]);

    const missing = await missingAccess(reviews, 'shop', [GET_PODS, { ...GET_PODS, verb: 'list' }], signal);

    assert.deepEqual(missing, []);
    assert.deepEqual(
      reviews.asked.map(({ kind, spec }) => [kind, spec]),
      [['SelfSubjectRulesReview', { namespace: 'shop' }]],
    );
  });

  it('asks one by one for what the rules leave open', async () => {
    const reviews = answering([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], ({ resource }) => resource === 'deployments');

    const missing = await missingAccess(reviews, 'shop', [GET_PODS, PATCH_DEPLOYMENTS, GET_LOGS], signal);

    assert.deepEqual(missing, [GET_LOGS]);
    assert.deepEqual(
      reviews.asked.slice(1).map(({ spec }) => spec.resourceAttributes),
      [
        {
          namespace: 'shop',
          verb: 'patch',
          group: 'apps',
          resource: 'deployments',
          subresource: undefined,
          name: undefined,
        },
        { namespace: 'shop', verb: 'get', group: '', resource: 'pods', subresource: 'log', name: undefined },
      ],
    );
  });

  it('asks for what lies in no namespace by itself, whatever the rules of the namespace say', async () => {
    const reviews = answering([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
    const listNodes: AccessRule = { apiGroup: 'metrics.k8s.io', resource: 'nodes', verb: 'list', clusterWide: true };

    const missing = await missingAccess(reviews, 'shop', [listNodes], signal);

    assert.deepEqual(missing, [listNodes]);
    assert.equal('namespace' in reviews.asked[1].spec.resourceAttributes, false);
  });
});

describe('covers', () => {
  const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
  const cases: [what: string, granted: Parameters<typeof covers>[0], wanted: AccessRule, covered: boolean][] = [
    ['the same', rule, GET_PODS, true],
    ['another verb', rule, { ...GET_PODS, verb: 'delete' }, false],
    ['another group', rule, { ...GET_PODS, apiGroup: 'metrics.k8s.io' }, false],
    ['a subresource by its resource', rule, GET_LOGS, false],
    ['a subresource by name', { ...rule, resources: ['pods/log'] }, GET_LOGS, true],
    ['a subresource of everything', { ...rule, resources: ['*/log'] }, GET_LOGS, true],
    ['a resource by the subresource of everything', { ...rule, resources: ['*/log'] }, GET_PODS, false],
    ['everything', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, GET_LOGS, true],
    ['every object by one name', { ...rule, resourceNames: ['a'] }, GET_PODS, false],
    ['an object by its name', { ...rule, resourceNames: ['a'] }, { ...GET_PODS, name: 'a' }, true],
    ['an object by another name', { ...rule, resourceNames: ['a'] }, { ...GET_PODS, name: 'b' }, false],
    ['an object by a rule for all', rule, { ...GET_PODS, name: 'a' }, true],
  ];
  for (const [what, granted, wanted, covered] of cases) {
    it(`${covered ? 'grants' : 'does not grant'} ${what}`, () => {
      assert.equal(covers(granted, wanted), covered);
    });
  }
});

/** A cluster that answers reviews; without `allows` nothing is allowed but by the rules. */
function answering(resourceRules: object[], allows: (attributes: { resource: string }) => boolean = () => false) {
  const asked: any[] = [];
  const create: Cluster['create'] = async (review) => {
    asked.push(review);
    const { apiVersion, kind, spec } = review;
    const status = kind === 'SelfSubjectRulesReview' ? { resourceRules, incomplete: true } : { allowed: allows(spec.resourceAttributes) };
    return { apiVersion, kind, metadata: { name: '' }, status };
  };
  return { asked, create };
}
