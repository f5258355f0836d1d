import assert from 'node:assert/strict';
import { renderPatches } from '../../../runner/lifecycle/render-patches.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';
import type { PatchTemplate } from '../../../runner/model/experiment.ts';
import type { RenderedPatch } from '../../../runner/model/trial.ts';

const SCOPE = { trial: { name: 'mytrial', namespace: 'default', number: 1, experiment: 'my' }, values: { replicas: 2, cpu: 500 } };
const PLACE = { slot: 'default', jobName: 'mytrial' };
const MYAPP = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'myapp' };
const FULL = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: myapp\nspec:\n  replicas: 2\n';

function aPatch(fields: Partial<PatchTemplate>): PatchTemplate {
  return { type: 'strategic', patch: FULL, ...fields };
}

function render(...templates: PatchTemplate[]): RenderedPatch[] {
  return renderPatches(templates, SCOPE, (path) => ({ file: 'e.yaml', line: 10 + Number(path[2]) }), PLACE);
}

function refusal(template: PatchTemplate): string {
  try {
    render(template);
  } catch (error) {
    assert.ok(error instanceof InvalidInput);
    return error.message;
  }
  return assert.fail('nothing was refused');
}

/** The cases of R§24.2 by their names there. */
describe('rendered patches', () => {
  it('default: the targetRef stays as it is, the body is what was rendered', () => {
    const [patch] = render(aPatch({ targetRef: MYAPP }));

    assert.deepEqual(patch, {
      index: 0,
      target: MYAPP,
      type: 'strategic',
      body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'myapp' }, spec: { replicas: 2 } },
    });
  });

  it('strategic no ref: the target is read from the body', () => {
    const [patch] = render(aPatch({}));

    assert.deepEqual(patch?.target, MYAPP);
  });

  it('strategic no ref, no meta: there is no target', () => {
    assert.match(refusal(aPatch({ patch: 'spec: {replicas: 2}' })), /names no target; add targetRef with apiVersion, kind and name/);
  });

  it('merge: keeps its type', () => {
    const [patch] = render(aPatch({ type: 'merge', targetRef: MYAPP }));

    assert.equal(patch?.type, 'merge');
  });

  it('json: takes a list with a trailing comma and mixed indentation', () => {
    const [patch] = render(
      aPatch({ type: 'json', targetRef: MYAPP, patch: '[\n\t{"op": "replace", "path": "/spec/replicas", "value": 2},\n  ]' }),
    );

    assert.deepEqual(patch?.body, [{ op: 'replace', path: '/spec/replicas', value: 2 }]);
  });

  for (const [name, fields] of [
    ['trial job json', { type: 'json' }],
    ['trial job strategic', { type: 'strategic' }],
  ] as const) {
    it(`${name}: is refused, and says where the change belongs`, () => {
      const template = aPatch({ ...fields, targetRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'mytrial' }, patch: 'spec: {}' });

      assert.match(refusal(template), /patches the trial's own Job "mytrial"; write the change into the trial template's jobTemplate/);
    });
  }

  it('trial job no name: is no target', () => {
    assert.match(refusal(aPatch({ patch: 'apiVersion: batch/v1\nkind: Job\nspec: {}' })), /names no target/);
  });

  it('numeric assignment: stays a number', () => {
    const [patch] = render(aPatch({ targetRef: MYAPP, patch: 'spec: {replicas: {{values.replicas}} }' }));

    assert.deepEqual(patch?.body, { spec: { replicas: 2 } });
  });

  it('static patch: is sent as it is', () => {
    const [patch] = render(aPatch({ targetRef: MYAPP, patch: 'metadata: {labels: {app: testApp}}' }));

    assert.deepEqual(patch?.body, { metadata: { labels: { app: 'testApp' } } });
  });
});

describe('a patch that renders to nothing', () => {
  const empties: [string, string][] = [
    ['empty text', ''],
    ['blanks', '  \n\n'],
    ['a comment', '# nothing to change\n'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a template that says nothing', '{{#if (eq values.cpu 1)}}spec: {replicas: 1}{{/if}}'],
  ];
  for (const [what, patch] of empties) {
    it(`has no body but keeps its target, given ${what}`, () => {
      const [rendered] = render(aPatch({ targetRef: MYAPP, patch }));

      assert.deepEqual(rendered, { index: 0, target: MYAPP, type: 'strategic', body: undefined });
    });
  }

  it('needs a targetRef, since nothing else names what to wait for', () => {
    assert.match(refusal(aPatch({ patch: '' })), /names no target/);
  });
});

describe('the order of patches', () => {
  const onConfig = (kind: string): PatchTemplate =>
    aPatch({ targetRef: { apiVersion: 'v1', kind, name: 'settings' }, patch: 'data: {a: b}' });

  it('puts ConfigMaps and Secrets first, so that a rollout sees them, and keeps the rest as written', () => {
    const patches = render(aPatch({ targetRef: MYAPP }), onConfig('Service'), onConfig('ConfigMap'), onConfig('Secret'));

    assert.deepEqual(
      patches.map(({ index, target }) => `${index} ${target.kind}`),
      ['2 ConfigMap', '3 Secret', '0 Deployment', '1 Service'],
    );
  });
});

describe('the readiness gates of a patch', () => {
  it('are kept, and an empty list is not the same as none', () => {
    const patches = render(
      aPatch({ targetRef: MYAPP }),
      aPatch({ targetRef: MYAPP, readinessGates: [] }),
      aPatch({ targetRef: MYAPP, readinessGates: [{ conditionType: 'Available' }] }),
    );

    assert.deepEqual(
      patches.map(({ readinessGates }) => readinessGates),
      [undefined, [], [{ conditionType: 'Available' }]],
    );
  });
});

describe('a patch that cannot be sent', () => {
  it('may not leave its slot', () => {
    const message = refusal(aPatch({ patch: FULL.replace('name: myapp', 'name: myapp\n  namespace: kube-system') }));

    assert.match(message, /targets namespace "kube-system"; a patch changes objects of its slot alone/);
  });

  it('may name its slot', () => {
    assert.deepEqual(render(aPatch({ patch: FULL.replace('name: myapp', 'name: myapp\n  namespace: default') }))[0]?.target, MYAPP);
  });

  it('is a json patch that is no list', () => {
    assert.match(refusal(aPatch({ type: 'json', targetRef: MYAPP })), /is not a list of operations, as type json wants/);
  });

  it('is a merge patch that is a list', () => {
    assert.match(refusal(aPatch({ type: 'merge', targetRef: MYAPP, patch: '[1, 2]' })), /renders to \[1,2\]; a merge patch is an object/);
  });

  it('is a patch that is text', () => {
    assert.match(refusal(aPatch({ targetRef: MYAPP, patch: 'replicas' })), /renders to "replicas"; a strategic patch is an object/);
  });

  it('is one that renders to what is not YAML, and says where', () => {
    const message = refusal(aPatch({ targetRef: MYAPP, patch: 'spec:\n  replicas: [{{values.replicas}}\n' }));

    assert.match(message, /^e\.yaml:10: spec\.patches\[0\]\.patch: renders to text that is not YAML: .*\(line \d of the rendered patch\)$/);
  });

  it('is one with an unknown name, and says where', () => {
    const message = refusal(aPatch({ targetRef: MYAPP, patch: 'spec:\n  replicas: {{values.replica}}\n' }));

    assert.match(message, /replica.*\(line 2 of the patch\)$/);
  });

  it('does not hide the others: all problems come at once', () => {
    assert.throws(
      () => render(aPatch({ patch: 'spec: {}' }), aPatch({}), aPatch({ type: 'json', targetRef: MYAPP })),
      (error: InvalidInput) => {
        assert.deepEqual(
          error.problems.map(({ line, path }) => `${line} ${path}`),
          ['10 spec.patches[0].patch', '12 spec.patches[2].patch'],
        );
        return true;
      },
    );
  });
});
