import assert from 'node:assert/strict';
import { load } from 'js-yaml';
import { createStore } from '../../../sandbox/create-store.ts';
import type { PatchType } from '../../../runner/model/experiment.ts';
import { synthesizeObject } from '../../../runner/rehearse/synthesize-object.ts';

describe('an object made up for its patches', () => {
  const synthesize = (apiVersion: string, kind: string, type: PatchType = 'strategic', ...bodies: string[]) =>
    synthesizeObject(
      { apiVersion, kind, name: 'app' },
      bodies.map((body) => ({ type, body: load(body) })),
    );

  const kinds: [apiVersion: string, kind: string][] = [
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['v1', 'Service'],
    ['v1', 'ServiceAccount'],
    ['v1', 'Pod'],
    ['v1', 'PersistentVolumeClaim'],
    ['v1', 'ResourceQuota'],
    ['v1', 'LimitRange'],
    ['v1', 'ReplicationController'],
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['batch/v1', 'Job'],
    ['batch/v1', 'CronJob'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['networking.k8s.io/v1', 'Ingress'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['rbac.authorization.k8s.io/v1', 'Role'],
    ['coordination.k8s.io/v1', 'Lease'],
  ];
  for (const [apiVersion, kind] of kinds) {
    it(`is a valid ${kind}`, () => {
      const store = createStore();
      const { metadata } = store.create(store.kind(apiVersion, kind), 'default', synthesize(apiVersion, kind));

      assert.equal(metadata.name, 'app');
    });
  }

  it('has the containers that strategic patches name, and the volumes that they mount', () => {
    const { spec } = synthesize(
      'apps/v1',
      'Deployment',
      'strategic',
      'spec: {template: {spec: {containers: [{name: web, volumeMounts: [{name: data, mountPath: /d}]}], initContainers: [{name: wait}]}}}',
      'spec: {template: {spec: {containers: [{name: web}, {name: proxy}, {name: old, $patch: delete}]}}}',
    );

    const { containers, initContainers, volumes } = spec.template.spec;
    assert.deepEqual(
      [containers, initContainers].map((list) => list.map(({ name }: { name: string }) => name)),
      [['web', 'proxy'], ['wait']],
    );
    assert.deepEqual(volumes, [{ name: 'data', emptyDir: {} }]);
  });

  it('has what a JSON patch replaces and the place where it adds', () => {
    const { spec, metadata } = synthesize(
      'apps/v1',
      'Deployment',
      'json',
      `
      - {op: replace, path: /spec/template/spec/containers/1/resources/limits/cpu, value: 2}
      - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: A, value: b}}
      - {op: add, path: /metadata/annotations/example.com~1size, value: big}
    `,
    );

    assert.equal(spec.template.spec.containers[1].resources.limits.cpu, 2);
    assert.deepEqual(spec.template.spec.containers[0].env, []);
    assert.equal(typeof metadata.annotations, 'object');
  });

  it('is a bare object of a kind that it does not know', () => {
    const { spec } = synthesize('example.com/v1', 'Widget', 'merge', 'spec: {size: 3}');

    assert.deepEqual(spec, {});
  });

  it('does not let a patch reach prototypes', () => {
    synthesize('v1', 'ConfigMap', 'json', '[{op: replace, path: /__proto__/polluted, value: yes}]');

    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
