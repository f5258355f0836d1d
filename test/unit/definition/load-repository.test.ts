import assert from 'node:assert/strict';
import { loadPaths, loadRepository } from '../../../runner/definition/load-repository.ts';
import { openRepository } from '../../../runner/definition/repository-files.ts';
import { formatProblem } from '../../../runner/model/errors.ts';
import { repositoryOf } from '../../support/repository-of.ts';

const BROKEN = new URL('../../fixtures/definition/broken', import.meta.url).pathname;

const experiment = (name: string, more = '') => `apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment
metadata: {name: ${name}}
spec:
  parameters:
    - {name: cpu, min: 1, max: 5}
    - {name: one, min: 3, max: 3}
  metrics:
    - {name: cost, query: "1"}
${more}`;

describe('loadRepository', () => {
  it('reports every problem of every file with its line', async () => {
    const { problems, experiments } = await loadRepository(openRepository(BROKEN));

    assert.deepEqual(problems.map(formatProblem), [
      'fieldtrial.yaml:1: resultBranch: unknown field; did you mean "resultsBranch"?',
      'fieldtrial.yaml:2: timeouts.setup: "soon" is not a duration; write 90s, 1h30m, 500ms or a number of seconds',
      'experiments/four/experiment.yaml:1: apiVersion: expected fieldtrial.dev/v1alpha1, got "redsky.carbonrelay.com/v1alpha1"',
      'experiments/one/experiment.yaml:5: spec.replica: unknown field; did you mean "replicas"?',
      'experiments/one/experiment.yaml:7: spec.parameters[0].max: 50 is below min, which is 100',
      'experiments/one/experiment.yaml:7: spec.parameters[0]: "cpu" has no baseline although other parameters have one; give it one or remove all',
      'experiments/one/experiment.yaml:8: spec.parameters[1].min: expected a number, got "low"',
      'experiments/one/experiment.yaml:9: spec.parameters[2].baseline: "cms" is not one of "g1", "zgc"',
      'experiments/one/experiment.yaml:11: spec.constraints[0].order.lowerParameter: unknown parameter "cpus"; did you mean "cpu"?',
      'experiments/one/experiment.yaml:13: spec.metrics[0].type: unknown metric type "cloudwatch"; this version has kubernetes, prometheus, datadog, newrelic, jsonpath, logs',
      'experiments/one/experiment.yaml:14: spec.metrics[1].max: 1 is below min, which is 2',
      'experiments/one/experiment.yaml:18: spec.trialTemplate.spec.setupTasks[0].skipDelete: expected true or false, got "maybe"',
      'experiments/one/experiment.yaml:19: spec.trialTemplate.spec.setupTasks[1].helmChart: there is no "charts/nope" in the repository',
      'experiments/three/experiment.yaml:5: spec.suggest.budget: is required',
      'experiments/three/experiment.yaml:3: metadata.name: "same" is also the name of experiments/two/experiment.yaml; rename one',
      'experiments/three/suggestions/a.yaml:2: not valid YAML: deficient indentation',
      'experiments/three/suggestions/b.yaml:2: assignments[0].value: is required',
      'experiments/three/suggestions/b.yaml:2: assignments[0].valu: unknown field; did you mean "value"?',
      'experiments/two/experiment.yaml:4: metadata: the key is there twice, first on line 3; remove one',
      'experiments/two/experiment.yaml:6: spec.suggest.source: "optimizer" is not available in this version; this version has manual, grid, random, remote',
      'experiments/two/experiment.yaml:11: spec.metrics[1].url: only metrics of type prometheus, datadog, newrelic and jsonpath have this field',
      'experiments/two/experiment.yaml:13: spec.patches[0].targetRef: is required: a merge patch does not say what it is for',
      "experiments/two/experiment.yaml:14: spec.patches[1].targetRef.namespace: targets in other namespaces are refused; a patch goes to the trial's own slot, so remove the namespace",
      'experiments/two/experiment.yaml:15: spec.namespaceSelector: is empty and would make every namespace a slot; write matchLabels',
      'experiments/two/experiment.yaml:16: spec.templateRef.name: there is no templates/k7.yaml in the repository; did you mean "k6"?',
      'experiments/two/experiment.yaml:4: metadata.name: "same" is also the name of experiments/three/experiment.yaml; rename one',
    ]);
    assert.ok(experiments.every((each) => each.experiment === undefined));
  });

  it('reads a valid experiment beside an invalid one', async () => {
    const { experiments } = await loadRepository(
      repositoryOf({ 'experiments/a/experiment.yaml': experiment('a'), 'experiments/b/experiment.yaml': 'kind: [' }),
    );

    assert.deepEqual(
      experiments.map((each) => [each.name, each.experiment?.name, each.problems.length]),
      [
        ['a', 'a', 0],
        ['b', undefined, 1],
      ],
    );
  });

  it('finds nothing in an empty repository and uses the default settings', async () => {
    assert.deepEqual(await loadRepository(repositoryOf({})), {
      settings: {
        resultsBranch: 'fieldtrial/results',
        author: { name: 'fieldtrial', email: 'fieldtrial@localhost' },
        slots: [],
        timeouts: {},
      },
      experiments: [],
      problems: [],
      unusedTemplates: [],
    });
  });

  it('reads settings', async () => {
    const text = 'resultsBranch: same\nauthor: {name: Ann}\nslots: [a]\ntimeouts: {run: 2h}\n';

    const { settings } = await loadRepository(repositoryOf({ 'fieldtrial.yaml': text }));

    assert.deepEqual(settings, {
      resultsBranch: 'same',
      author: { name: 'Ann', email: 'fieldtrial@localhost' },
      slots: ['a'],
      timeouts: { run: 7_200_000 },
    });
  });

  for (const branch of ['--force', 'a..b', 'a b', 'refs/', 'x.lock', '/a', 'a//b']) {
    it(`refuses ${JSON.stringify(branch)} as the results branch`, async () => {
      const { problems } = await loadRepository(repositoryOf({ 'fieldtrial.yaml': `resultsBranch: ${JSON.stringify(branch)}` }));

      assert.deepEqual(problems.map(formatProblem), [`fieldtrial.yaml:1: resultsBranch: ${JSON.stringify(branch)} is not a branch name`]);
    });
  }

  it('says that an experiment outside a folder of its own is not read', async () => {
    const { problems, experiments } = await loadRepository(repositoryOf({ 'experiments/a.yaml': experiment('a') }));

    assert.deepEqual(problems.map(formatProblem), ['experiments/a.yaml: is not read; experiments are experiments/<name>/experiment.yaml']);
    assert.deepEqual(experiments, []);
  });

  for (const [sentence, text, message] of [
    ['an empty file', '', 'experiments/a/experiment.yaml: holds no document; expected one experiment'],
    [
      'two experiments in one file',
      '--- {kind: Experiment}\n--- {kind: Experiment}\n',
      'experiments/a/experiment.yaml: holds 2 experiments; expected one, write the others into files of their own',
    ],
    [
      'two documents that are no experiments',
      '--- {}\n--- {}\n',
      'experiments/a/experiment.yaml: holds 2 documents and none of kind Experiment; expected one',
    ],
    [
      'a list',
      '- a\n',
      'experiments/a/experiment.yaml:1: is not an experiment; expected a mapping with apiVersion: fieldtrial.dev/v1alpha1 and kind: Experiment',
    ],
  ] as const) {
    it(`refuses ${sentence}`, async () => {
      const { problems } = await loadRepository(repositoryOf({ 'experiments/a/experiment.yaml': text }));

      assert.deepEqual(problems.map(formatProblem), [message]);
    });
  }
});

describe('suggestion files', () => {
  it('are queued by name, with the blob that git gives them and constants filled in', async () => {
    const { experiments } = await loadRepository(
      withSuggestions({ 'b.yaml': 'assignments: [{name: cpu, value: 2}]\n', 'a.yml': suggestion('experiment: a') }),
    );

    assert.deepEqual(experiments[0]!.queue, [
      {
        path: 'experiments/a/suggestions/a.yml',
        blob: '3026129d111a78c030b1cbbf256328bc5370e748',
        assignments: [
          { name: 'cpu', value: 4 },
          { name: 'one', value: 3 },
        ],
        problems: [],
      },
      {
        path: 'experiments/a/suggestions/b.yaml',
        blob: '7c305be3741b970a6bcbe28effaa63b5e9e479f6',
        assignments: [
          { name: 'cpu', value: 2 },
          { name: 'one', value: 3 },
        ],
        problems: [],
      },
    ]);
  });

  it('are checked against the parameters, and a bad one leaves the experiment valid', async () => {
    const { experiments, problems } = await loadRepository(
      withSuggestions({ 'a.yaml': 'assignments:\n  - {name: cpu, value: 9}\n  - {name: gpu, value: 1}\n' }),
    );

    assert.deepEqual(problems.map(formatProblem), [
      'experiments/a/suggestions/a.yaml:1: assignments: parameter "cpu": 9 is above the maximum of 5',
      'experiments/a/suggestions/a.yaml:1: assignments: unknown parameter "gpu"; did you mean "cpu"?',
    ]);
    assert.deepEqual(experiments[0]!.queue[0]!.assignments, []);
    assert.notEqual(experiments[0]!.experiment, undefined);
  });

  it('must be meant for the experiment of their folder', async () => {
    const { problems } = await loadRepository(withSuggestions({ 'a.yaml': suggestion('experiment: other') }));

    assert.deepEqual(problems.map(formatProblem), [
      'experiments/a/suggestions/a.yaml:4: spec.experiment: "other" is not the experiment of this folder, which is "a"',
    ]);
  });

  function withSuggestions(contents: Record<string, string>) {
    const suggestions = Object.entries(contents).map(([name, text]) => [`experiments/a/suggestions/${name}`, text]);
    return repositoryOf({ 'experiments/a/experiment.yaml': experiment('a'), ...Object.fromEntries(suggestions) });
  }

  function suggestion(line: string): string {
    return `apiVersion: fieldtrial.dev/v1alpha1\nkind: Suggestion\nspec:\n  ${line}\n  assignments: [{name: cpu, value: 4}]\n`;
  }
});

describe('trial templates', () => {
  const chart = {
    'charts/db/Chart.yaml': '',
    'charts/db/templates/a.yaml': '',
    'charts/other/Chart.yaml': '',
    'setup/a.yaml': '',
    'setup/b.txt': '',
  };

  it('of an experiment use their chart and manifest files, folders expanded', async () => {
    const tasks = '  trialTemplate: {spec: {setupTasks: [{name: db, helmChart: charts/db}, {name: x, manifests: [setup]}]}}\n';

    const { experiments } = await loadRepository(repositoryOf({ ...chart, 'experiments/a/experiment.yaml': experiment('a', tasks) }));

    assert.deepEqual(experiments[0]!.usedFiles, ['charts/db/Chart.yaml', 'charts/db/templates/a.yaml', 'setup/a.yaml', 'setup/b.txt']);
  });

  it('use the files that they mount', async () => {
    const template = '  trialTemplate: {spec: {files: [{path: setup, mountPath: /setup}, {path: load.js, mountPath: /load}]}}\n';
    const contents = { ...chart, 'load.js': '', 'experiments/a/experiment.yaml': experiment('a', template) };

    const { experiments } = await loadRepository(repositoryOf(contents));

    assert.deepEqual(experiments[0]!.usedFiles, ['load.js', 'setup/a.yaml', 'setup/b.txt']);
  });

  it('ask nobody for the files of a chart from elsewhere', async () => {
    const tasks = ['fieldtrial/prometheus', 'oci://registry.example.com/db'].map((helmChart, index) => ({ name: `t${index}`, helmChart }));
    const text = `  trialTemplate: ${JSON.stringify({ spec: { setupTasks: tasks } })}\n`;

    const { experiments, problems } = await loadRepository(repositoryOf({ 'experiments/a/experiment.yaml': experiment('a', text) }));

    assert.deepEqual(problems, []);
    assert.deepEqual(experiments[0]!.usedFiles, []);
  });

  it('in templates/ use a file of the top folder that they mention', async () => {
    const contents = {
      'load.js': '',
      'templates/k6.yaml': 'spec: {files: [{path: load.js, mountPath: /load}]}\n',
      'experiments/a/experiment.yaml': experiment('a', '  templateRef: {name: k6}\n'),
    };

    const { experiments } = await loadRepository(repositoryOf(contents));

    assert.deepEqual(experiments[0]!.usedFiles, ['load.js', 'templates/k6.yaml']);
  });

  it('in templates/ use each file that a value of a parameter chooses', async () => {
    const contents = {
      'load/smoke.js': '',
      'load/soak.js': '',
      'load/unused.js': '',
      'templates/k6.yaml': 'spec: {files: [{path: "load/{{values.load}}.js", mountPath: /load}]}\n',
      'experiments/a/experiment.yaml': experiment('a', '  templateRef: {name: k6}\n').replace(
        'name: one, min: 3, max: 3',
        'name: load, values: [smoke, soak]',
      ),
    };

    const { experiments } = await loadRepository(repositoryOf(contents));

    assert.deepEqual(experiments[0]!.usedFiles, ['load/smoke.js', 'load/soak.js', 'templates/k6.yaml']);
  });

  it('in templates/ use what their text and arguments mention', async () => {
    const text = '{{#if args.db}}\nspec: {setupTasks: [{name: db, helmChart: {{args.db}}}]}\n{{/if}}\n# apps/v1\n';
    const reference = '  templateRef: {name: k6, with: {db: charts/db}}\n';

    const { experiments } = await loadRepository(
      repositoryOf({
        ...chart,
        'templates/k6.yaml': text,
        'experiments/a/experiment.yaml': experiment('a', reference),
      }),
    );

    assert.deepEqual(experiments[0]!.usedFiles, ['charts/db/Chart.yaml', 'charts/db/templates/a.yaml', 'templates/k6.yaml']);
    assert.deepEqual(experiments[0]!.experiment!.trialTemplate, {
      from: 'file',
      path: 'templates/k6.yaml',
      text,
      with: { db: 'charts/db' },
    });
  });

  for (const [sentence, task, message] of [
    ['a folder that is no chart', 'helmChart: setup', 'setupTasks[0].helmChart: "setup" is not a chart: it has no Chart.yaml'],
    ['a chart that is not there', 'helmChart: charts/none', 'setupTasks[0].helmChart: there is no "charts/none" in the repository'],
    [
      'manifests that are not there',
      'manifests: [setup/none.yaml]',
      'setupTasks[0].manifests[0]: there is no "setup/none.yaml" in the repository',
    ],
    [
      'a folder without manifests',
      'manifests: [setup/b.txt]',
      'setupTasks[0].manifests[0]: "setup/b.txt" holds no .yaml, .yml or .json file',
    ],
  ] as const) {
    it(`refuse ${sentence}`, async () => {
      const tasks = `  trialTemplate: {spec: {setupTasks: [{name: db, ${task}}]}}\n`;

      const { problems } = await loadRepository(repositoryOf({ ...chart, 'experiments/a/experiment.yaml': experiment('a', tasks) }));

      assert.deepEqual(problems.map(formatProblem), [`experiments/a/experiment.yaml:10: spec.trialTemplate.spec.${message}`]);
    });
  }

  it('refuse to mount files that are not there', async () => {
    const template = '  trialTemplate: {spec: {files: [{path: load/none.js, mountPath: /load}]}}\n';

    const { problems } = await loadRepository(repositoryOf({ ...chart, 'experiments/a/experiment.yaml': experiment('a', template) }));

    assert.deepEqual(problems.map(formatProblem), [
      'experiments/a/experiment.yaml:10: spec.trialTemplate.spec.files[0].path: there is no "load/none.js" in the repository',
    ]);
  });

  it('need not be there: the trial is a Job that sleeps', async () => {
    const { experiments } = await loadRepository(repositoryOf({ 'experiments/a/experiment.yaml': experiment('a') }));

    assert.deepEqual(experiments[0]!.experiment!.trialTemplate, { from: 'inline', template: {} });
  });
});

describe('loadPaths of shared templates', () => {
  const files = repositoryOf({
    'experiments/a/experiment.yaml': experiment('a', '  templateRef: {name: used}\n'),
    'experiments/b/experiment.yaml': experiment('b'),
    'experiments/c/experiment.yaml': experiment('c', '  replica: 1\n  templateRef: {name: used}\n'),
    'templates/used.yaml': 'spec: {approximateRuntime: {{args.x}}s}\n',
    'templates/unused.yaml': 'spec: {}\n',
    'templates/README.md': '',
    'templates/other.yml': '',
  });

  for (const [paths, names, unused] of [
    [['templates/used.yaml'], ['a', 'c'], []],
    [['templates/unused.yaml'], [], ['templates/unused.yaml']],
    [['templates/'], ['a', 'c'], ['templates/unused.yaml']],
    [['templates/used.yaml', 'experiments/b'], ['a', 'b', 'c'], []],
    [['experiments'], ['a', 'b', 'c'], []],
    [['.'], ['a', 'b', 'c'], ['templates/unused.yaml']],
  ] as const) {
    it(`takes ${paths.join(' and ')} for the experiments that use them, and tells which none uses`, async () => {
      const { experiments, unusedTemplates } = await loadPaths(files, paths);

      assert.deepEqual(
        experiments.map(({ name }) => name),
        names,
      );
      assert.deepEqual(unusedTemplates, unused);
    });
  }

  it('tells that a file beside them is none', async () => {
    const { problems } = await loadPaths(files, ['templates/other.yml']);

    assert.deepEqual(problems.map(formatProblem), ['templates/other.yml: is not read; shared templates are templates/<name>.yaml']);
  });
});

describe('loadPaths', () => {
  const files = repositoryOf({
    'experiments/a/experiment.yaml': experiment('a'),
    'experiments/b/experiment.yaml': experiment('b'),
    'experiments/b/suggestions/x.yaml': 'assignments: [{name: cpu, value: 1}]',
    'elsewhere/my.yaml': experiment('mine'),
  });
  const cases: [sentence: string, paths: string[], names: string[]][] = [
    ['reads every experiment below a folder', ['experiments/'], ['a', 'b']],
    ['reads the folder of one experiment', ['./experiments/b'], ['b']],
    ['reads the whole repository', ['.'], ['a', 'b']],
    ['reads a file wherever it is', ['elsewhere/my.yaml'], ['mine']],
    ['reads the experiment that a suggestion file is for', ['experiments/b/suggestions/x.yaml'], ['b']],
    ['reads what is named twice once', ['experiments/a', 'experiments/a/experiment.yaml'], ['a']],
  ];
  for (const [sentence, paths, names] of cases) {
    it(sentence, async () => {
      const { experiments, problems } = await loadPaths(files, paths);

      assert.deepEqual(
        experiments.map(({ name }) => name),
        names,
      );
      assert.deepEqual(problems, []);
    });
  }

  it('says that a path leads to nothing', async () => {
    const { problems } = await loadPaths(files, ['experiments/c']);

    assert.deepEqual(problems.map(formatProblem), ['experiments/c: there is no such file or folder in the repository']);
  });
});
