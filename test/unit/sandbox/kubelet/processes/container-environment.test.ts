import assert from 'node:assert/strict';

import { createStore } from '../../../../../sandbox/create-store.ts';
import { containerEnvironment } from '../../../../../sandbox/kubelet/processes/container-environment.ts';
import type { StoredObject } from '../../../../../sandbox/store.ts';

const pod = {
  metadata: { name: 'load', namespace: 'default', uid: '1', labels: { tier: 'web' } },
  spec: {},
} as unknown as StoredObject;

describe('containerEnvironment', () => {
  it('takes values, and puts earlier ones into later ones', () => {
    const env = [
      { name: 'SIZE', value: '8' },
      { name: 'ARGS', value: '--size=$(SIZE) --color=$(COLOR)' },
    ];

    assert.deepEqual(resolve({ env }), { variables: { SIZE: '8', ARGS: '--size=8 --color=$(COLOR)' } });
  });

  it('takes all keys of ConfigMaps and Secrets, with a prefix', () => {
    const envFrom = [{ configMapRef: { name: 'settings' } }, { prefix: 'SECRET_', secretRef: { name: 'keys' } }];

    assert.deepEqual(resolve({ envFrom }), { variables: { color: 'red', SECRET_token: 'abc' } });
  });

  it('takes single keys', () => {
    const env = [
      { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
    ];

    assert.deepEqual(resolve({ env }), { variables: { COLOR: 'red', TOKEN: 'abc' } });
  });

  it('takes fields of the pod', () => {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const env = [field('NAME', 'metadata.name'), field('SPACE', 'metadata.namespace'), field('TIER', "metadata.labels['tier']")];

    assert.deepEqual(resolve({ env }), { variables: { NAME: 'load', SPACE: 'default', TIER: 'web' } });
  });

  it('leaves out what is optional and not there', () => {
    const container = {
      envFrom: [{ configMapRef: { name: 'missing', optional: true } }],
      env: [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'missing', optional: true } } }],
    };

    assert.deepEqual(resolve(container), { variables: {} });
  });

  const refused: [container: any, message: string][] = [
    [{ envFrom: [{ configMapRef: { name: 'missing' } }] }, 'configmap "missing" not found'],
    [
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'missing' } } }] },
      "couldn't find key missing in Secret default/keys",
    ],
    [
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.priority' } } }] },
      'variable A: the sandbox does not know the field spec.priority',
    ],
    [
      { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] },
      'variable A: the sandbox knows values of fields, ConfigMaps and Secrets, not resourceFieldRef',
    ],
  ];
  for (const [container, message] of refused) {
    it(`refuses with ‘${message}’`, () => {
      assert.deepEqual(resolve(container), { refused: message });
    });
  }
});

function resolve(container: any) {
  const store = createStore();
  store.create(store.kind('v1', 'ConfigMap'), 'default', { metadata: { name: 'settings' }, data: { color: 'red' } });
  store.create(store.kind('v1', 'Secret'), 'default', { metadata: { name: 'keys' }, stringData: { token: 'abc' } });
  return containerEnvironment(store, pod, container);
}
