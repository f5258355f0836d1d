import assert from 'node:assert/strict';
import { importExperiment } from '../../../../runner/definition/legacy/import-experiment.ts';

const imported = (text: string) => importExperiment(text, 'old.yaml');

describe('importExperiment', () => {
  it('keeps comments, blank lines, styles and the order of fields', () => {
    const { imported: result } = imported(`# what this is about
apiVersion: redskyops.dev/v1alpha1
kind: Experiment # of ours
metadata: {name: mini}

spec:
  # how many trials
  budget: 40 # enough

  parameters:
    # the main one
    - name: cpu # millicores
      min: 1
      max: 2
    - {name: memory, min: 1, max: 2} # MiB
  metrics:
    - name: cost
      query: >-
        {{ .Values.cpu }}
  # trials
  template:
    spec:
      # the load
      template:
        spec: {backoffLimit: 0} # once
# the end
`);

    assert.equal(
      result!.experiment,
      `# what this is about
apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment # of ours
metadata: {name: mini}

spec:
  # how many trials
  suggest: {source: random, budget: 40} # enough

  parameters:
    # the main one
    - name: cpu # millicores
      min: 1
      max: 2
    - {name: memory, min: 1, max: 2} # MiB
  metrics:
    - name: cost
      query: >-
        {{values.cpu}}
  # trials
  trialTemplate:
    spec:
      # the load
      jobTemplate:
        spec: {backoffLimit: 0} # once

# the end
`,
    );
  });

  it('does not give the comments of one field to two', () => {
    const { imported: result } = imported(`apiVersion: redskyops.dev/v1alpha1
kind: Experiment
metadata: {name: mini}
spec:
  parameters: [{name: cpu, min: 1, max: 2}]
  metrics:
  - name: p95
    type: prometheus
    query: p95
    # by its labels
    selector:
      matchLabels: {app: monitoring}
`);

    assert.equal(result!.experiment.match(/# by its labels/g)?.length, 1);
  });

  it('keeps other documents as they are, with their comments, and what is implied behind them', () => {
    const { imported: result } = imported(`# an account
apiVersion: v1
kind: ServiceAccount # yes
metadata: {name: lab}
---
apiVersion: optimize.stormforge.io/v1beta2
kind: Experiment
metadata: {name: mini, namespace: lab}
spec:
  parameters: [{name: cpu, min: 1, max: 2}]
  metrics: [{name: cost, query: "1"}]
  trialTemplate: {spec: {setupDefaultClusterRole: edit}}
---
# scripts
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
`);

    const [account, scripts, binding] = result!.companions!.split('---\n');
    assert.equal(account, '# an account\napiVersion: v1\nkind: ServiceAccount # yes\nmetadata: {name: lab}\n');
    assert.equal(scripts, '# scripts\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: scripts}\n');
    assert.match(binding!, /^apiVersion: rbac.authorization.k8s.io\/v1\nkind: RoleBinding\n/);
    assert.doesNotMatch(result!.experiment, /ServiceAccount/);
  });

  it('gives nothing for a file that cannot be converted, and says why', () => {
    const { imported: result, problems } = imported(`apiVersion: redskyops.dev/v1beta1
kind: Experiment
metadata: {name: mini}
spec:
  metrics: [{name: a, query: "{{ env }}"}]
`);

    assert.equal(result, undefined);
    assert.ok(problems.some(({ line, message }) => line === 5 && message.includes('the function "env" has no counterpart')));
  });

  it('gives what our rules refuse, with the problems', () => {
    const { imported: result, problems } = imported(`apiVersion: redskyops.dev/v1beta1
kind: Experiment
metadata: {name: mini}
spec:
  parameters: [{name: cpu, min: 3, max: 2}]
  metrics: [{name: a, query: "1"}]
`);

    assert.match(result!.experiment, /min: 3, max: 2/);
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['2 is below min, which is 3'],
    );
  });

  for (const [what, text, message] of [
    ['one of ours', 'apiVersion: fieldtrial.dev/v1alpha1\nkind: Experiment\n', /^is not an experiment of redskyops\.dev/],
    ['nothing', '', /^holds no document/],
    ['no YAML', 'a: [', /^not valid YAML/],
  ] as const) {
    it(`refuses ${what}`, () => {
      const { imported: result, problems } = imported(text);

      assert.equal(result, undefined);
      assert.match(problems[0]!.message, message);
    });
  }
});
