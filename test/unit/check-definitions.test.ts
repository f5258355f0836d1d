import assert from 'node:assert/strict';
import { checkDefinitions } from '../../runner/check-definitions.ts';
import { loadRepository } from '../../runner/definition/load-repository.ts';
import { formatProblem } from '../../runner/model/errors.ts';
import { repositoryOf } from '../support/repository-of.ts';

const FILE = 'experiments/sizing/experiment.yaml';

/** Parameters are on lines 5 to 8, `rest` is the experiment from line 9 on. */
const experiment = (rest: string, name = 'sizing') => `apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment
metadata: {name: ${name}}
spec:
  parameters:
    - {name: cpu, min: 1, max: 4, baseline: 2}
    - {name: gc, values: [g1, zgc], baseline: g1}
    - {name: threads, min: 1, max: 8, baseline: 4}
${rest}`;

const METRICS = '  metrics: [{name: cost, query: "{{values.cpu}}"}]\n';

async function problemsOf(rest: string, others: Record<string, string> = {}): Promise<string[]> {
  const files = repositoryOf({ [FILE]: experiment(rest), ...others });
  const { problems } = await checkDefinitions(await loadRepository(files), files, 'fieldtrial');
  return problems.map(formatProblem);
}

const EVERYTHING = 'known: cpu, gc, threads';

describe('checking definitions', () => {
  it('finds every unknown name of a query that reads a target, at its line', async () => {
    const problems = await problemsOf(`  metrics:
    - name: cost
      target: {kind: PodList}
      query: |
        {{#if values.cpus}}{{resourceRequests target "cpu=1"}}{{/if}}
        {{#each target.items}}{{spec.nodeName}}{{/each}}{{add values.thread 1}}
        {{trial.nme}}{{resourceRequests tagret "cpu=1"}}{{window.strt}}
`);

    assert.deepEqual(problems, [
      `${FILE}:13: spec.metrics[0].query: unknown name "values.cpus"; ${EVERYTHING}`,
      `${FILE}:14: spec.metrics[0].query: unknown name "values.thread"; known: threads, cpu, gc`,
      `${FILE}:15: spec.metrics[0].query: unknown name "trial.nme"; known: name, experiment, namespace, number`,
      `${FILE}:15: spec.metrics[0].query: unknown name "tagret"; known: target, range, trial, values, window`,
      `${FILE}:15: spec.metrics[0].query: unknown name "window.strt"; known: start, completion, duration`,
    ]);
  });

  it('finds unknown helpers of a query that reads a target', async () => {
    const [problem] = await problemsOf('  metrics: [{name: cost, target: {kind: Pod}, query: "{{resourceRequest target 1}}"}]\n');

    assert.match(problem!, /unknown helper "resourceRequest"; known: resourceRequests/);
  });

  it('finds unknown names of addresses and error queries that read a target', async () => {
    const problems = await problemsOf(`  metrics:
    - {name: a, type: prometheus, target: {kind: Service}, url: "http://{{serviceAddress tagret}}", query: up, errorQuery: "{{rnge}}"}
`);

    assert.equal(problems.length, 2);
    assert.match(problems[0]!, /spec\.metrics\[0\]\.url: unknown name "tagret"/);
    assert.match(problems[1]!, /spec\.metrics\[0\]\.errorQuery: unknown name "rnge"/);
  });

  it('finds unknown names in branches that the baseline does not take, once each', async () => {
    const problems = await problemsOf(
      `  metrics: [{name: cost, query: '{{#if (eq values.gc "zgc")}}{{values.nope}}{{/if}}1'}]
  patches:
    - targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
      patch: |
        spec: {replicas: {{values.cpu}} }
        {{#if (eq values.gc "zgc")}}{{valuess.cpu}}{{/if}}{{values.gone}}
  trialTemplate:
    spec:
      jobTemplate: {metadata: {labels: {gc: '{{#unless (eq values.gc "g1")}}{{trial.nme}}{{/unless}}'}}}
      setupTasks: [{name: db, manifests: [db.yaml]}]
`,
      {
        'db.yaml': '# {{#if (eq values.gc "zgc")}}{{trail.name}}{{/if}}\n{{#if (eq trial.experiment "other")}}# {{values.other}}{{/if}}\n',
      },
    );

    assert.deepEqual(problems, [
      `${FILE}:9: spec.metrics[0].query: unknown name "values.nope"; ${EVERYTHING}`,
      `${FILE}:12: spec.patches[0].patch: unknown name "values.gone"; ${EVERYTHING} (line 2 of the patch)`,
      `${FILE}:12: spec.patches[0].patch: unknown name "valuess"; known: values, trial (line 2 of the patch)`,
      `${FILE}:17: spec.trialTemplate.spec.jobTemplate.metadata.labels.gc: unknown name "trial.nme"; known: name, experiment, namespace, number`,
      'db.yaml:1: unknown name "trail"; known: trial, values',
    ]);
  });

  it('leaves branches of a shared template that are there for other experiments alone', async () => {
    const template = `spec:
  approximateRuntime: 1s
  {{#if (eq args.kind "url")}}initialDelaySeconds: {{args.delay}}{{/if}}
  {{#if (eq trial.experiment "other")}}initialDelaySeconds: {{values.delay}}{{/if}}
  {{#if (eq values.gc "zgc")}}initialDelaySeconds: {{arg.delay}}{{/if}}
`;
    const problems = await problemsOf(`${METRICS}  templateRef: {name: load, with: {kind: script}}\n`, { 'templates/load.yaml': template });

    assert.deepEqual(problems, ['templates/load.yaml:5: unknown name "arg"; known: args, trial, values']);
  });
});

describe('checking a definition that has problems already', () => {
  const PATCH = `  patches:
    - targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
      patch: |
        spec: {replicas: {{values.cpu}} }
        {{#if trial.nme}}{{/if}}{{env.PATH}}
`;

  it('tells what is wrong with its templates too, when a rule is broken', async () => {
    const problems = await problemsOf(`  constraints: [{name: nothing}]\n${METRICS.replace('values.cpu', 'values.cpus')}${PATCH}`);

    assert.deepEqual(problems, [
      `${FILE}:9: spec.constraints[0]: needs order or sum`,
      `${FILE}:10: spec.metrics[0].query: unknown name "values.cpus"; ${EVERYTHING}`,
      `${FILE}:13: spec.patches[0].patch: unknown name "trial.nme"; known: name, experiment, namespace, number (line 2 of the patch)`,
      `${FILE}:13: spec.patches[0].patch: unknown name "env"; known: trial, values (line 2 of the patch)`,
    ]);
  });

  it('knows the names of parameters that are wrong themselves, and takes no value of theirs for granted', async () => {
    const parameters = '    - {name: heap, min: low, max: 8, baseline: 4}\n    - {name: mode}\n';
    const problems = await problemsOf(
      `${parameters}  metrics: [{name: cost, query: "{{add values.heap 1}}{{values.mode.x}}{{values.haep}}"}]\n`,
    );

    assert.ok(problems.slice(0, -1).every((each) => each.includes('spec.parameters')));
    assert.deepEqual(problems.slice(-1), [
      `${FILE}:11: spec.metrics[0].query: unknown name "values.haep"; known: heap, cpu, gc, mode, threads`,
    ]);
  });

  it('calls no parameter unknown where one has no name', async () => {
    const problems = await problemsOf(
      `    - {nme: heap, min: 1, max: 8}\n  metrics: [{name: cost, query: "{{values.heap}}{{trial.nme}}"}]\n`,
    );

    assert.deepEqual(
      problems.filter((each) => each.includes('unknown name')),
      [`${FILE}:10: spec.metrics[0].query: unknown name "trial.nme"; known: name, experiment, namespace, number`],
    );
  });

  it('names items by their place in the file, and tells nothing twice', async () => {
    const problems = await problemsOf(`  replica: 2
${METRICS}  patches:
    - {type: moin, patch: ""}
    - {type: merge, patch: "spec: {{values.nope}}"}
    - {patch: "spec: {}"}
    - targetRef: {apiVersion: apps/v1, kind: Deployment, name: web_1}
      patch: "spec: {a: [}"
`);

    assert.deepEqual(problems, [
      `${FILE}:9: spec.replica: unknown field; did you mean "replicas"?`,
      `${FILE}:12: spec.patches[0].type: expected one of strategic, merge, json, got "moin"`,
      `${FILE}:13: spec.patches[1].targetRef: is required: a merge patch does not say what it is for`,
      `${FILE}:15: spec.patches[3].targetRef.name: "web_1" cannot be the name of an object: lower-case letters, digits, inner hyphens and dots, at most 253`,
      `${FILE}:14: spec.patches[2].patch: names no target; add targetRef with apiVersion, kind and name`,
      `${FILE}:13: spec.patches[1].patch: unknown name "values.nope"; ${EVERYTHING} (line 1 of the patch)`,
    ]);
  });

  it('tells what is wrong in its shared template too', async () => {
    const problems = await problemsOf(`  replica: 2\n${METRICS}  templateRef: {name: load, with: {script: a}}\n`, {
      'templates/load.yaml': 'spec:\n  aproximateRuntime: 1s\n  initialDelaySeconds: 1 # {{args.script}}\n',
    });

    assert.deepEqual(problems, [
      `${FILE}:9: spec.replica: unknown field; did you mean "replicas"?`,
      'templates/load.yaml:2: spec.aproximateRuntime: unknown field; did you mean "approximateRuntime"?',
    ]);
  });

  it('says no more of a setup whose files are not there', async () => {
    const setup = (manifests: string) =>
      `  trialTemplate: {spec: {setupTasks: [{name: db, manifests: [${manifests}]}, {name: dc, manifests: [../x, "{{y}}.yaml"]}]}}\n`;
    const problems = await problemsOf(`  replica: 2\n${METRICS}${setup('none.yaml, nowhere')}`);

    assert.equal(problems.length, 5, problems.join('\n'));
    assert.ok(problems.every((each) => !/unknown name|leads to no file/.test(each)));
  });
});
