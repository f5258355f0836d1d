import assert from 'node:assert/strict';
import { checkText } from '../../../support/legacy-experiments.ts';

/** A small experiment of v1beta2 whose last lines are these. */
const withSpec = (lines: string) => `apiVersion: optimize.stormforge.io/v1beta2
kind: Experiment
metadata: {name: mini, namespace: default}
spec:
  parameters: [{name: replicas, min: 2, max: 5, baseline: 2}]
  metrics: [{name: cost, query: "{{ .Values.replicas }}"}]
${lines}`;

const patchOf = async (patch: string) => {
  const { checked, problems } = await checkText(withSpec(`  patches:\n  - ${patch.replaceAll('\n', '\n    ')}\n`));
  return { patch: checked?.sample.patches[0], problems };
};

const TARGET = 'targetRef: {kind: Deployment, apiVersion: apps/v1, name: myapp, namespace: default}';
const FULL = 'patch: |\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: myapp}\n  spec: {replicas: {{ .Values.replicas }} }';
const FULL_BODY = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'myapp' }, spec: { replicas: 2 } };
const REF = { kind: 'Deployment', apiVersion: 'apps/v1', name: 'myapp' };

describe('Patches of the ancestor’s tests (R§24.2)', () => {
  it('default type with targetRef', async () => {
    const { patch } = await patchOf(`type: ""\n${TARGET}\n${FULL}`);

    assert.deepEqual([patch!.type, patch!.target, patch!.body], ['strategic', REF, FULL_BODY]);
  });

  it('strategic without targetRef takes it from the body', async () => {
    const { patch } = await patchOf(`type: strategic\n${FULL}`);

    assert.deepEqual([patch!.target, patch!.body], [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'myapp' }, FULL_BODY]);
  });

  it('strategic without targetRef and metadata is an error', async () => {
    const { problems } = await patchOf('type: strategic\npatch: "spec: {replicas: 1}"');

    assert.deepEqual(problems, ['9: spec.patches[0].patch: names no target; add targetRef with apiVersion, kind and name']);
  });

  it('merge', async () => {
    const { patch } = await patchOf(`type: merge\n${TARGET}\n${FULL}`);

    assert.deepEqual([patch!.type, patch!.body], ['merge', FULL_BODY]);
  });

  it('json with a trailing comma and mixed indentation', async () => {
    const { patch } = await patchOf(
      `type: json\n${TARGET}\npatch: |\n  [\n  \t{"op": "replace", "path": "/spec/replicas", "value": {{ .Values.replicas }}},\n  ]`,
    );

    assert.deepEqual([patch!.type, patch!.body], ['json', [{ op: 'replace', path: '/spec/replicas', value: 2 }]]);
  });

  it("trial job strategic is merged into the Job, with and without the trial's name", async () => {
    for (const name of ['name: mini, ', '']) {
      const { checked } = await checkText(
        withSpec(
          `  patches:\n  - {type: strategic, targetRef: {kind: Job, apiVersion: batch/v1, ${name}namespace: default}, patch: "spec: {completions: {{ .Values.replicas }} }"}\n`,
        ),
      );

      assert.equal((checked!.sample.job as any).spec.completions, 2);
    }
  });

  it('trial job json is an error', async () => {
    const { problems } = await patchOf(
      'type: json\ntargetRef: {kind: Job, apiVersion: batch/v1, name: mini, namespace: default}\npatch: "[]"',
    );

    assert.deepEqual(problems, ["10: spec.patches[0].patch: patches the trial's own Job, which takes type strategic alone, not json"]);
  });

  it('an empty patch sends nothing and waits', async () => {
    const { patch } = await patchOf(`${TARGET}\npatch: ""`);

    assert.deepEqual([patch!.target, patch!.body, patch!.readinessGates], [REF, undefined, undefined]);
  });
});

/** What the ancestor's controller met, logged, and met again with a growing pause and no end. */
describe('Experiments that the ancestor tried again for ever (R§3.7)', () => {
  const aPatch = (fields: string) => `  patches: [{${fields}, patch: "data: {a: b}"}]\n`;
  const cases: [what: string, lines: string, problem: RegExp][] = [
    [
      'a template that does not render',
      '  patches: [{targetRef: {kind: ConfigMap, name: a}, patch: "{{ percent .Values.replica 5 }}"}]\n',
      /spec\.patches\[0\]\.patch: unknown name "values\.replica"; known: replicas/,
    ],
    ['a patch without a kind', aPatch('targetRef: {name: a}'), /targetRef\.kind: is required/],
    ['a patch without a name', aPatch('targetRef: {kind: ConfigMap}'), /targetRef\.name: is required/],
    ['a type of patch that there is not', aPatch('type: apply, targetRef: {kind: ConfigMap, name: a}'), /spec\.patches\[0\]\.type: /],
    [
      'a chart value of a parameter that there is not',
      '  trialTemplate: {spec: {setupTasks: [{name: db, helmChart: charts/postgres, helmValues: [{name: a, valueFrom: {parameterRef: {name: b}}}]}]}}\n',
      /parameterRef\.name: unknown parameter "b"/,
    ],
  ];
  for (const [what, lines, problem] of cases) {
    it(`have a problem before any trial: ${what}`, async () => {
      const { checked, problems } = await checkText(withSpec(lines));

      assert.equal(checked, undefined);
      assert.match(problems.join('\n'), problem);
    });
  }
});

describe('Definitions of the ancestor’s tests (R§24.9)', () => {
  it('weights of a sum are quantities', async () => {
    const { checked } = await checkText(`apiVersion: redskyops.dev/v1beta1
kind: Experiment
metadata: {name: sums}
spec:
  parameters: [{name: one, min: 0, max: 1}, {name: two, max: 2}, {name: three, max: 3}, {name: four, max: 4}, {name: test_case, min: 1, max: 1}]
  constraints:
  - {name: s, sum: {bound: "1", isUpperBound: true, parameters: [{name: one, weight: "-1.0"}, {name: two, weight: "1"}, {name: three, weight: "3.5"}, {name: four, weight: 5000m}]}}
  - {name: o, order: {lowerParameter: one, upperParameter: two}}
  metrics: [{name: a, minimize: true, query: "1"}]
`);

    const [sum, order] = checked!.experiment.constraints as any[];
    assert.deepEqual([sum.bound, sum.parameters.map(({ weight }: any) => weight)], [1, [-1, 1, 3.5, 5]]);
    assert.deepEqual([order.lowerParameter, order.upperParameter], ['one', 'two']);
    assert.deepEqual(checked!.experiment.parameters.at(-1), {
      type: 'integer',
      name: 'test_case',
      min: 1,
      max: 1,
      step: 1,
      scale: 'linear',
      baseline: 1,
    });
  });

  it('a baseline has numbers and texts, and constants may leave it out', async () => {
    const { checked } = await checkText(`apiVersion: optimize.stormforge.io/v1beta2
kind: Experiment
metadata: {name: baselines}
spec:
  parameters: [{name: one, baseline: 1, min: 0, max: 1}, {name: three, baseline: three, values: [three, four]}, {name: size, values: [small]}]
  metrics: [{name: a, query: "1"}]
`);

    assert.deepEqual(
      checked!.experiment.parameters.map(({ baseline }) => baseline),
      [1, 'three', 'small'],
    );
  });
});

describe('Problems of a legacy file', () => {
  it('stand at the line and the field that the user wrote', async () => {
    const { problems } = await checkText(`apiVersion: redskyops.dev/v1alpha1
kind: Experiment
metadata: {name: typos}
spec:
  replica: 4
  parameters:
  - {name: cpu, min: 5, max: 1}
  metrics:
  - name: cost
    type: pods
    query: |
      {{ add 1 2 }}
      {{ b64enc .Values.cpu }}
    selector: {matchLables: {app: a}}
  patches:
  - targetRef: {kind: Deployment, apiVersion: apps/v1, name: a}
    patch: |
      spec:
        replicas: {{ .Values.cpu
  template:
    spec:
      setupTasks: [{name: app}]
      template:
        spec:
          template: {}
        metadat: {}
`);

    assert.deepEqual(problems, [
      '5: spec.replica: unknown field; did you mean "replicas"?',
      '7: spec.parameters[0].max: 1 is below min, which is 5',
      problems.find((line) =>
        line.startsWith('13: spec.metrics[0].query: this Go template cannot be translated: the function "b64enc" has no counterpart'),
      )!,
      '14: spec.metrics[0].selector.matchLables: unknown field; did you mean "matchLabels"?',
      '19: spec.patches[0].patch: this Go template cannot be translated: an action {{ … }} is not closed before the template ends',
      problems.find((line) => line.startsWith('22: spec.template.spec.setupTasks[0]: runs the default setup image'))!,
      '26: spec.template.spec.template.metadat: unknown field; did you mean "metadata"?',
    ]);
  });

  it('of rendering stand at the line of what was renamed', async () => {
    const { problems } = await checkText(`apiVersion: redskyops.dev/v1alpha1
kind: Experiment
metadata: {name: typos}
spec:
  parameters: [{name: cpu, min: 1, max: 2}]
  metrics: [{name: cost, query: "{{ .Values.cpus }}"}]
  patches:
  - patch: "{{ .Values.mem }}"
  template:
    spec:
      setupTasks:
      - name: db
        helmChart: charts/postgres
        helmValues: [{name: a, value: "{{ .Values.memory }}"}]
`);

    assert.deepEqual(problems, [
      '6: spec.metrics[0].query: unknown name "values.cpus"; known: cpu',
      '14: spec.trialTemplate.spec.setupTasks[0].helmValues[0].value: unknown name "values.memory"; known: cpu',
      '8: spec.patches[0].patch: unknown name "values.mem"; known: cpu (line 1 of the patch)',
    ]);
  });

  it('are none for words that kubectl reads as booleans, and for merged mappings', async () => {
    const { problems, checked } = await checkText(`apiVersion: redskyops.dev/v1beta1
kind: Experiment
metadata: {name: booleans}
spec:
  parameters:
  - &base {name: cpu, min: 1, max: 4, baseline: 2}
  - {<<: *base, name: memory}
  metrics: [{name: cost, minimize: yes, optimize: off, query: "1"}]
`);

    assert.deepEqual(problems, []);
    assert.deepEqual(
      checked!.experiment.parameters.map(({ name, baseline }) => [name, baseline]),
      [
        ['cpu', 2],
        ['memory', 2],
      ],
    );
    assert.deepEqual([checked!.experiment.metrics[0]!.minimize, checked!.experiment.metrics[0]!.optimize], [true, false]);
  });
});
