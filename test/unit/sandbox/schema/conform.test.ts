import assert from 'node:assert/strict';

import { conform, conformSparsely, UnfitValue } from '../../../../sandbox/schema/conform.ts';

describe('conform', () => {
  it('drops unknown fields and names them', () => {
    const unknown: string[] = [];

    const pod = conform({ metadata: { nme: 'x' }, spec: { containers: [{ name: 'a', imag: 'b' }] } }, 'Pod', unknown);

    assert.deepEqual(unknown, ['metadata.nme', 'spec.containers[0].imag']);
    assert.deepEqual(pod.spec.containers, [{ name: 'a', resources: {} }]);
  });

  it('leaves out the zero values that encoding/json does, and keeps those behind pointers', () => {
    const { spec } = conform({ spec: { hostNetwork: false, nodeSelector: {}, activeDeadlineSeconds: 0, containers: [] } }, 'Pod');

    assert.deepEqual(spec, { containers: [], activeDeadlineSeconds: 0 });
  });

  it('writes what is never left out', () => {
    assert.deepEqual(conform({}, 'Role'), { metadata: {}, rules: null });
  });

  it('gives fields in the order of their type, keys of maps in their own', () => {
    const object = conform({ data: { b: '1', a: '2' }, metadata: { name: 'x' }, kind: 'ConfigMap' }, 'ConfigMap');

    assert.equal(JSON.stringify(object), '{"kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"2","b":"1"}}');
  });

  it('gives quantities and times in canonical form', () => {
    const { metadata, spec } = conform(
      { metadata: { deletionTimestamp: '2026-01-02T03:04:05.9+01:00' }, spec: { overhead: { cpu: 0.5 } } },
      'Pod',
    );

    assert.equal(metadata.deletionTimestamp, '2026-01-02T02:04:05Z');
    assert.deepEqual(spec.overhead, { cpu: '500m' });
  });

  it('names the field whose value has the wrong type', () => {
    assert.throws(
      () => conform({ spec: { containers: [{ env: [{ name: 'A', value: 1 }] }] } }, 'Pod'),
      new UnfitValue('json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string'),
    );
  });
});

describe('conformSparsely', () => {
  it('adds nothing and keeps the zero values that are given', () => {
    assert.deepEqual(conformSparsely({ spec: { hostNetwork: false, priority: null } }, 'Pod'), { spec: { hostNetwork: false } });
  });
});
