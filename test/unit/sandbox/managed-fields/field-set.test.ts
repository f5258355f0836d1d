import assert from 'node:assert/strict';

import { difference, fromFieldsV1, intersection, pathsOf, toFieldsV1, union } from '../../../../sandbox/managed-fields/field-set.ts';

const IMAGE = { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:image': {} } } } };
const REPLICAS = { 'f:spec': { 'f:replicas': {} } };

describe('field sets', () => {
  it('are read and written as FieldsV1', () => {
    assert.deepEqual(toFieldsV1(fromFieldsV1(IMAGE)), IMAGE);
  });

  it('are joined, parted and intersected path by path', () => {
    const both = union(fromFieldsV1(IMAGE), fromFieldsV1(REPLICAS));

    assert.deepEqual(toFieldsV1(difference(both, fromFieldsV1(REPLICAS))), IMAGE);
    assert.deepEqual(toFieldsV1(intersection(both, fromFieldsV1(REPLICAS))), REPLICAS);
  });

  it('are told as paths', () => {
    const set = fromFieldsV1({ ...IMAGE, 'f:metadata': { 'f:finalizers': { 'v:"a.b/c"': {} } } });

    assert.deepEqual(pathsOf(set), [
      '.spec.containers[name="app"]',
      '.spec.containers[name="app"].image',
      '.metadata.finalizers[="a.b/c"]',
    ]);
  });
});
