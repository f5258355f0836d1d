import assert from 'node:assert/strict';

import { loadAll } from 'js-yaml';

import { formatRole, groupRules } from '../../../runner/cluster/format-role.ts';

const rule = (apiGroup: string, resource: string, verb: string, name?: string) => ({ apiGroup, resource, verb, name });

describe('groupRules', () => {
  it('joins the verbs of a resource, and the resources with the same verbs', () => {
    const rules = [
      rule('apps', 'deployments', 'get'),
      rule('apps', 'statefulsets', 'patch'),
      rule('apps', 'deployments', 'patch'),
      rule('apps', 'statefulsets', 'get'),
      rule('', 'pods/log', 'get'),
    ];

    assert.deepEqual(groupRules(rules), [
      { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'patch'] },
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    ]);
  });

  it('keeps rules for one object apart', () => {
    const rules = [rule('', 'secrets', 'get', 'a'), rule('', 'secrets', 'list')];

    assert.deepEqual(groupRules(rules), [
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['list'] },
    ]);
  });

  it('names a verb once', () => {
    assert.deepEqual(groupRules([rule('', 'pods', 'get'), rule('', 'pods', 'get')])[0]!.verbs, ['get']);
  });
});

describe('formatRole', () => {
  it('is a Role and its binding, ready to apply', () => {
    const yaml = formatRole('shop', [rule('batch', 'jobs', 'create')], { kind: 'ServiceAccount', name: 'runner', namespace: 'fieldtrial' });

    const [role, binding] = loadAll(yaml) as any[];
    assert.equal(role.kind, 'Role');
    assert.equal(role.metadata.namespace, 'shop');
    assert.deepEqual(role.rules, [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] }]);
    assert.deepEqual(binding.roleRef, {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'Role',
      name: role.metadata.name,
    });
    assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name: 'runner', namespace: 'fieldtrial' }]);
  });

  it('is a ClusterRole besides for what lies in no namespace', () => {
    const yaml = formatRole('shop', [
      rule('batch', 'jobs', 'create'),
      { apiGroup: 'metrics.k8s.io', resource: 'nodes', verb: 'list', clusterWide: true },
    ]);

    const documents = loadAll(yaml) as any[];
    assert.deepEqual(
      documents.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace]),
      [
        ['Role', 'fieldtrial-additional', 'shop'],
        ['RoleBinding', 'fieldtrial-additional', 'shop'],
        ['ClusterRole', 'fieldtrial-additional-shop', undefined],
        ['ClusterRoleBinding', 'fieldtrial-additional-shop', undefined],
      ],
    );
    assert.deepEqual(documents[2].rules, [{ apiGroups: ['metrics.k8s.io'], resources: ['nodes'], verbs: ['list'] }]);
    assert.deepEqual(documents[3].roleRef, {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'fieldtrial-additional-shop',
    });
  });
});
