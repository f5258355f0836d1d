import assert from 'node:assert/strict';

import { imageIdentity, imageReference } from '../../../../sandbox/kubelet/image-reference.ts';

describe('imageReference', () => {
  const cases: [image: string, reference: string][] = [
    ['busybox', 'docker.io/library/busybox:latest'],
    ['grafana/k6:1.2', 'docker.io/grafana/k6:1.2'],
    ['localhost:5000/load', 'localhost:5000/load:latest'],
    ['ghcr.io/team/load:v1', 'ghcr.io/team/load:v1'],
    ['busybox@sha256:abc', 'docker.io/library/busybox@sha256:abc'],
  ];
  for (const [image, reference] of cases) {
    it(`is ${reference} for ${image}`, () => {
      assert.equal(imageReference(image), reference);
    });
  }
});

describe('imageIdentity', () => {
  it('keeps a digest that is given', () => {
    assert.equal(imageIdentity('busybox:1@sha256:abc'), 'docker.io/library/busybox@sha256:abc');
  });

  it('is always the same for an image, and another one for another tag', () => {
    assert.equal(imageIdentity('busybox'), imageIdentity('docker.io/library/busybox:latest'));
    assert.notEqual(imageIdentity('busybox:1'), imageIdentity('busybox:2'));
  });
});
