import assert from 'node:assert/strict';
import { renderPatches, type RenderedPatches } from '../../../runner/lifecycle/render-patches.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';
import type { PatchTemplate } from '../../../runner/model/experiment.ts';
import type { RenderedPatch } from '../../../runner/model/trial.ts';

const SCOPE = { trial: { name: 'mytrial', namespace: 'default', number: 1, experiment: 'my' }, values: { replicas: 2, cpu: 500 } };
const PLACE = { slot: 'default', jobNames: ['mytrial', 'my'], restore: 'never' } as const;
const MYAPP = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'myapp' };
const FULL = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: myapp\nspec:\n  replicas: 2\n';

const TRIAL_JOB = { apiVersion: 'batch/v1', kind: 'Job', name: 'mytrial' };

function aPatch(fields: Partial<PatchTemplate>): PatchTemplate {
  return { type: 'strategic', patch: FULL, ...fields };
}

function render(...templates: PatchTemplate[]): RenderedPatch[] {
  return renderAll(...templates).patches;
}

function renderAll(...templates: PatchTemplate[]): RenderedPatches {
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

  it('trial job json: is refused, since the Job is not there yet to be patched by the server', () => {
    const template = aPatch({ type: 'json', targetRef: TRIAL_JOB, patch: '[{"op": "remove", "path": "/spec/suspend"}]' });

    assert.match(refusal(template), /patches the trial's own Job, which takes type strategic alone, not json/);
  });

  it('trial job strategic: is merged into the Job instead of being sent', () => {
    const rendered = renderAll(aPatch({ targetRef: TRIAL_JOB, patch: 'spec: {parallelism: {{values.replicas}} }' }));

    assert.deepEqual(rendered, { patches: [], jobPatches: [{ index: 0, body: { spec: { parallelism: 2 } } }] });
  });

  it("trial job no name: a Job without a name is the trial's own", () => {
    const inBody = renderAll(aPatch({ patch: 'apiVersion: batch/v1\nkind: Job\nspec: {parallelism: 2}' }));
    const byRef = renderAll(aPatch({ targetRef: { apiVersion: 'batch/v1', kind: 'Job' }, patch: 'spec: {parallelism: 2}' }));

    assert.deepEqual(inBody.jobPatches, [{ index: 0, body: { apiVersion: 'batch/v1', kind: 'Job', spec: { parallelism: 2 } } }]);
    assert.deepEqual(byRef.jobPatches, [{ index: 0, body: { spec: { parallelism: 2 } } }]);
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

describe("a patch of the trial's own Job", () => {
  const jobPatch = (patch: string, name = 'mytrial') => renderAll(aPatch({ targetRef: { ...TRIAL_JOB, name }, patch })).jobPatches[0];

  it("is also one that names the experiment, since trials' names begin with it", () => {
    assert.deepEqual(jobPatch('spec: {parallelism: 2}', 'my'), { index: 0, body: { spec: { parallelism: 2 } } });
  });

  it('is none that names another Job, which is patched in the slot', () => {
    const { patches, jobPatches } = renderAll(aPatch({ targetRef: { ...TRIAL_JOB, name: 'mytrial-2' }, patch: 'spec: {suspend: true}' }));

    assert.deepEqual([patches.length, jobPatches.length], [1, 0]);
  });

  it('loses the names that only say which Job is meant, and keeps others for a complaint', () => {
    const said = jobPatch('metadata: {name: my, namespace: default, labels: {a: b}}\nspec: {parallelism: 2}');
    const other = jobPatch('metadata: {name: other, namespace: elsewhere}');

    assert.deepEqual(said?.body, { metadata: { labels: { a: 'b' } }, spec: { parallelism: 2 } });
    assert.deepEqual(other?.body, { metadata: { name: 'other', namespace: 'elsewhere' } });
  });

  it('has no body when it renders to nothing', () => {
    assert.deepEqual(jobPatch('# nothing'), { index: 0, body: undefined });
  });

  it('has no readiness gates, as nothing waits for it; an empty list is fine', () => {
    const gated = (readinessGates: { conditionType: string }[]) =>
      aPatch({ targetRef: TRIAL_JOB, patch: 'spec: {parallelism: 2}', readinessGates });

    assert.match(refusal(gated([{ conditionType: 'Complete' }])), /which nothing waits for; remove readinessGates/);
    assert.equal(renderAll(gated([])).jobPatches.length, 1);
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

describe('a patch of a Secret', () => {
  const onSecret = aPatch({ targetRef: { apiVersion: 'v1', kind: 'Secret', name: 'settings' }, patch: 'data: {a: Yg==}' });

  it('is refused where it would have to be put back, since what the Secret holds is kept nowhere', () => {
    for (const restore of ['run', 'trial'] as const)
      assert.throws(
        () => renderPatches([onSecret], SCOPE, () => ({ file: 'e.yaml' }), { ...PLACE, restore }),
        /patches a Secret, whose content the runner keeps nowhere, so that restore: (run|trial) could not put it back/,
      );
  });

  it('is fine where nothing is put back', () => {
    assert.equal(render(onSecret).length, 1);
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

  it('is an operation that RFC 6902 does not have', () => {
    const message = refusal(aPatch({ type: 'json', targetRef: MYAPP, patch: '[{op: relpace, path: /spec/x, value: 1}, {op: remove}]' }));

    assert.match(message, /operation 1: op: .*did you mean "replace"\?/);
    assert.match(message, /operation 2: path: is required/);
  });

  it('is a name in the patch that no object can have', () => {
    const patch = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web_{{values.cpu}} }\nspec: {replicas: 1}\n';

    assert.match(refusal(aPatch({ patch })), /metadata\.name: "web_500" cannot be the name of an object/);
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
