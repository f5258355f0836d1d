import assert from 'node:assert/strict';
import {
  changedFields,
  fingerprint,
  formatFieldPath,
  pathOfPointer,
  valueAt,
  withValueAt,
} from '../../../runner/lifecycle/changed-fields.ts';
import { fromYaml } from '../../support/from-yaml.ts';

const DEPLOYMENT = fromYaml(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, generation: 1, resourceVersion: "7", annotations: {a/b: x}}
spec:
  replicas: 1
  template:
    spec:
      containers:
        - {name: app, image: "app:1", args: [a, b]}
        - {name: log, image: "log:1"}
status: {replicas: 1}
`);

/** What differs once these fields have these values. */
function changes(...fields: [Parameters<typeof withValueAt>[1], unknown][]): string[] {
  const after = fields.reduce((object, [path, value]) => withValueAt(object, path, value), DEPLOYMENT);
  return changedFields(DEPLOYMENT, after).map(
    ({ path, before, after: now }) => `${formatFieldPath(path)}: ${JSON.stringify(before)} -> ${JSON.stringify(now)}`,
  );
}

const APP = ['spec', 'template', 'spec', 'containers', { name: 'app' }] as const;

describe('changed fields', () => {
  it('are told one by one, through mappings and through lists of named items', () => {
    assert.deepEqual(changes([['spec', 'replicas'], 3], [[...APP, 'image'], 'app:2']), [
      'spec.replicas: 1 -> 3',
      'spec.template.spec.containers[app].image: "app:1" -> "app:2"',
    ]);
  });

  it('are a list as a whole where its items have no names', () => {
    assert.deepEqual(changes([[...APP, 'args'], ['a']]), ['spec.template.spec.containers[app].args: ["a","b"] -> ["a"]']);
  });

  it('are what comes, with all it holds, and what goes', () => {
    assert.deepEqual(changes([[...APP, 'resources', 'limits', 'cpu'], '1'], [['metadata', 'annotations', 'a/b'], undefined]), [
      'spec.template.spec.containers[app].resources: undefined -> {"limits":{"cpu":"1"}}',
      'metadata.annotations["a/b"]: "x" -> undefined',
    ]);
  });

  it('are items that come and go, where the others keep their order', () => {
    assert.deepEqual(
      changes([[...APP.slice(0, -1), { name: 'log' }], undefined], [[...APP.slice(0, -1), { name: 'new' }], { name: 'new' }]),
      [
        'spec.template.spec.containers[log]: {"name":"log","image":"log:1"} -> undefined',
        'spec.template.spec.containers[new]: undefined -> {"name":"new"}',
      ],
    );
  });

  it('are a list as a whole where items change places', () => {
    const [app, log] = DEPLOYMENT['spec'].template.spec.containers;

    assert.deepEqual(changes([APP.slice(0, -1), [log, { name: 'new' }, app]]), [
      `spec.template.spec.containers: ${JSON.stringify([app, log])} -> ${JSON.stringify([log, { name: 'new' }, app])}`,
    ]);
  });

  it('are not what the server and controllers keep for themselves', () => {
    const later = { ...DEPLOYMENT, metadata: { ...DEPLOYMENT.metadata, generation: 2, resourceVersion: '9' }, status: { replicas: 2 } };

    assert.deepEqual(changedFields(DEPLOYMENT, later), []);
  });
});

describe('a value in an object', () => {
  it('is put back where even its parents are gone', () => {
    const without = withValueAt(DEPLOYMENT, ['spec', 'template'], undefined);

    const restored = withValueAt(without, [...APP, 'image'], 'app:1');

    assert.deepEqual(valueAt(restored, APP), { name: 'app', image: 'app:1' });
    assert.equal(valueAt(DEPLOYMENT, ['spec', 'constructor']), undefined);
  });

  it('comes behind the items that were before it, as far as they are there, or first', () => {
    const names = (after: readonly string[] | undefined) =>
      (valueAt(withValueAt(DEPLOYMENT, [...APP.slice(0, -1), { name: 'new' }], { name: 'new' }, after), APP.slice(0, -1)) as any[]).map(
        ({ name }) => name,
      );

    assert.deepEqual(
      [names([]), names(['gone']), names(['app', 'gone']), names(['log', 'app']), names(undefined)].map((each) => each.join()),
      ['new,app,log', 'new,app,log', 'app,new,log', 'app,log,new', 'app,log,new'],
    );
  });

  it('is known again by its fingerprint, whatever the order of its keys', () => {
    assert.equal(fingerprint({ a: 1, b: [2] }), fingerprint({ b: [2], a: 1 }));
    assert.notEqual(fingerprint(null), fingerprint(undefined));
  });
});

describe('the field of a JSON pointer', () => {
  for (const [pointer, path] of [
    ['/spec/replicas', 'spec.replicas'],
    ['/metadata/annotations/a~1b', 'metadata.annotations["a/b"]'],
    ['/spec/template/spec/containers/0/image', 'spec.template.spec.containers[app].image'],
    ['/spec/template/spec/containers/0/args/1', 'spec.template.spec.containers[app].args'],
    ['/spec/template/spec/containers/-', 'spec.template.spec.containers'],
    ['/spec/absent', 'spec.absent'],
  ] as const) {
    it(`is ${path}, given ${pointer}`, () => {
      assert.equal(formatFieldPath(pathOfPointer(DEPLOYMENT, pointer)), path);
    });
  }
});
