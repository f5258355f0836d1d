import assert from 'node:assert/strict';

import { strategicMergePatch } from '../../../../kubernetes/patches/strategic.ts';
import { UnfitPatch } from '../../../../kubernetes/patches/unfit-patch.ts';

/** The containers of a pod after a patch of its spec. */
function patchedSpec(spec: object, patch: object): any {
  return strategicMergePatch({ spec }, { spec: patch }, 'Pod')['spec'];
}

const TWO = { containers: [{ name: 'a', image: 'a:1', args: ['x'] }, { name: 'b' }] };

describe('strategicMergePatch', () => {
  it('merges lists by the keys of their type', () => {
    const { containers } = patchedSpec(TWO, { containers: [{ name: 'a', image: 'a:2' }, { name: 'c' }] });

    assert.deepEqual(containers, [{ name: 'a', image: 'a:2', args: ['x'] }, { name: 'c' }, { name: 'b' }]);
  });

  it('merges lists inside of lists by their own keys', () => {
    const spec = { containers: [{ name: 'a', ports: [{ containerPort: 80 }], volumeMounts: [{ name: 'v', mountPath: '/v' }] }] };

    const { containers } = patchedSpec(spec, {
      containers: [{ name: 'a', ports: [{ containerPort: 80, name: 'http' }], volumeMounts: [{ mountPath: '/v', readOnly: true }] }],
    });

    assert.deepEqual(containers[0].ports, [{ containerPort: 80, name: 'http' }]);
    assert.deepEqual(containers[0].volumeMounts, [{ name: 'v', mountPath: '/v', readOnly: true }]);
  });

  it('replaces lists that have no key', () => {
    const { containers } = patchedSpec(TWO, { containers: [{ name: 'a', args: ['y', 'z'] }] });

    assert.deepEqual(containers[0].args, ['y', 'z']);
  });

  it('removes what is null, and leaves no nulls behind', () => {
    const { containers } = patchedSpec(TWO, { containers: [{ name: 'a', args: null, securityContext: { runAsUser: null } }] });

    assert.deepEqual(containers[0], { name: 'a', image: 'a:1', securityContext: {} });
  });

  it('deletes the items that $patch says', () => {
    const { containers } = patchedSpec(TWO, { containers: [{ name: 'a', $patch: 'delete' }] });

    assert.deepEqual(containers, [{ name: 'b' }]);
  });

  it('replaces a list by the rest of the patch', () => {
    const { containers } = patchedSpec(TWO, { containers: [{ $patch: 'replace' }, { name: 'c' }] });

    assert.deepEqual(containers, [{ name: 'c' }]);
  });

  it('replaces an object by the rest of the patch', () => {
    const spec = { ...TWO, nodeSelector: { disk: 'ssd' } };

    const { nodeSelector } = patchedSpec(spec, { nodeSelector: { $patch: 'replace', zone: 'a' } });

    assert.deepEqual(nodeSelector, { zone: 'a' });
  });

  it('keeps only what $retainKeys names', () => {
    const spec = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };

    const result: any = strategicMergePatch({ spec }, patch, 'Deployment');

    assert.deepEqual(result.spec.strategy, { type: 'Recreate' });
  });

  it('adds to sets, and takes from them by $deleteFromPrimitiveList', () => {
    const metadata = { finalizers: ['a', 'b'] };
    const patch = { metadata: { finalizers: ['c', 'a'], '$deleteFromPrimitiveList/finalizers': ['b'] } };

    const result: any = strategicMergePatch({ metadata }, patch, 'Pod');

    assert.deepEqual(result.metadata.finalizers, ['c', 'a']);
  });

  it('puts items in the order of $setElementOrder', () => {
    const { containers } = patchedSpec(TWO, {
      '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }, { name: 'a' }],
      containers: [{ name: 'c', image: 'c:1' }],
    });

    assert.deepEqual(
      containers.map(({ name }: { name: string }) => name),
      ['c', 'b', 'a'],
    );
  });

  it('leaves the target as it is', () => {
    const target = { spec: structuredClone(TWO) };

    strategicMergePatch(target, { spec: { containers: [{ name: 'a', image: 'a:2' }] } }, 'Pod');

    assert.deepEqual(target, { spec: TWO });
  });

  const refusals: [string, object, UnfitPatch['problem']][] = [
    ['an item without its key', { containers: [{ image: 'x' }] }, 'unforeseen'],
    ['an unknown directive', { containers: [{ name: 'a', $patch: 'double' }] }, 'unforeseen'],
    ['items in another order than they say', { '$setElementOrder/containers': [{ name: 'b' }], ...TWO }, 'unforeseen'],
    ['$retainKeys without a field of the patch', { $retainKeys: [], hostNetwork: true }, 'malformed'],
    ['lists of lists', { containers: [['a']] }, 'inapplicable'],
  ];
  for (const [name, patch, problem] of refusals) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => patchedSpec(TWO, patch),
        (error) => error instanceof UnfitPatch && error.problem === problem,
      );
    });
  }
});
