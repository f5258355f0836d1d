import assert from 'node:assert/strict';
import { join } from 'node:path';
import { aRepository, experimentFile, experimentText } from '../../support/definitions.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

describe('fieldtrial validate', () => {
  let folder: WorkingFolder;

  beforeEach(async () => {
    folder = await createWorkingFolder(aRepository());
  });
  afterEach(() => folder.cleanup());

  const validate = (args: string[] = [], cwd = folder.path) => runFieldtrial(['validate', ...args], { cwd });

  /** Two experiments with problems in three files. */
  const BROKEN = {
    [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('baseline: 2', 'baselin: 2')),
    [experimentFile('gc')]: experimentText('gc', (text) =>
      text
        .replace('query: "{{values.cpu}}"', 'query: "{{#if values.mem}}1{{/if}}"')
        .replace('replicas: {{values.cpu}}', 'replicas: {{values.disk}}'),
    ),
    'experiments/gc/suggestions/a.yaml': 'assignments: [{name: cpu, value: 9}]\n',
  };

  it('says that everything is valid', async () => {
    const { exitCode, stdout, stderr } = await validate();

    assert.equal(exitCode, 0);
    assert.equal(stdout, '');
    assert.equal(stderr, '1 of 1 experiment valid, 0 problems\n');
  });

  it("finds this project's own experiments and those of its documentation valid", async () => {
    const [own, documented] = await Promise.all([validate([], PROJECT), validate([], join(PROJECT, 'docs', 'examples'))]);

    assert.equal(own.exitCode, 0, own.stdout);
    assert.equal(documented.exitCode, 0, documented.stdout);
  });

  it('tells every problem of every file at once, with file, line and field, and exits with 3', async () => {
    await folder.write(BROKEN);

    const { exitCode, stdout, stderr } = await validate();

    assert.equal(exitCode, 3);
    assert.match(stdout, /^experiments\/gc\/experiment\.yaml:9: spec\.metrics\[0\]\.query: .*values\.mem/m);
    assert.match(stdout, /^experiments\/gc\/experiment\.yaml:12: spec\.patches\[0\]\.patch: .*values\.disk/m);
    assert.match(stdout, /^experiments\/gc\/suggestions\/a\.yaml:1: .*9 is above the maximum of 4/m);
    assert.match(stdout, /^experiments\/sizing\/experiment\.yaml:7: spec\.parameters\[0\]\.baselin: .*did you mean "baseline"\?/m);
    assert.match(stderr, /^0 of 2 experiments valid, \d problems\n$/);
  });

  it('tells what URLs and JSONPaths of metrics render to, where that is wrong', async () => {
    const metric = `    - {name: rps, type: jsonpath, url: "{{trial.namespace}}/stats", query: '{.{{trial.name}}'}`;
    await folder.write({
      [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('  metrics:', `  metrics:\n${metric}`)),
    });

    const { exitCode, stdout } = await validate();

    assert.equal(exitCode, 3);
    assert.equal(
      stdout,
      [
        'experiments/sizing/experiment.yaml:9: spec.metrics[0].query: "{.sizing-001" is not a JSONPath; expected one expression as kubectl takes it, such as {.latency.p95}',
        'experiments/sizing/experiment.yaml:9: spec.metrics[0].url: url must render to an http or https URL, got "sample-slot/stats"',
        '',
      ].join('\n'),
    );
  });

  it('knows the trial as the target of a query that names none, and what it has', async () => {
    const metrics = ['{{target.spec.number}}', '{{target.spec.nummer}}'].map(
      (query, index) => `    - {name: m${index}, query: "${query}"}\n`,
    );
    await folder.write({
      [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('  metrics:\n', `  metrics:\n${metrics.join('')}`)),
    });

    const { stdout } = await validate();

    assert.equal(
      stdout,
      'experiments/sizing/experiment.yaml:10: spec.metrics[1].query: unknown name "target.spec.nummer"; known: number, assignments, experiment\n',
    );
  });

  it('tells problems as JSON for machines', async () => {
    await folder.write(BROKEN);

    const { exitCode, stdout } = await validate(['-o', 'json']);

    const { valid, problems } = JSON.parse(stdout);
    assert.equal(exitCode, 3);
    assert.deepEqual(valid, []);
    assert.deepEqual(Object.keys(problems[0]), ['file', 'line', 'path', 'message']);
    assert.ok(problems.some(({ file, line }: { file: string; line: number }) => file === experimentFile('sizing') && line === 7));
  });

  it('reads what lies in the folder, committed or not, from anywhere inside', async () => {
    await folder.write({ [experimentFile('gc')]: experimentText('gc') });

    const { stderr } = await validate([], join(folder.path, 'experiments', 'gc'));

    assert.equal(stderr, '2 of 2 experiments valid, 0 problems\n');
  });

  it('checks only what it is told', async () => {
    await folder.write(BROKEN);
    await folder.write({ [experimentFile('sizing')]: experimentText() });

    const { exitCode, stderr } = await validate(['experiments/sizing']);

    assert.equal(exitCode, 0);
    assert.equal(stderr, '1 of 1 experiment valid, 0 problems\n');
  });

  it('checks a shared template with the experiments that use it, and one that none uses by itself', async () => {
    const use = (text: string) => text.replace(/  trialTemplate:[^]*/, '  templateRef: {name: used, with: {seconds: 1}}\n');
    await folder.write({
      [experimentFile('sizing')]: experimentText('sizing', use),
      'templates/used.yaml': 'spec:\n  approximateRuntime: "{{args.second}}s"\n',
      'templates/broken.yaml': 'spec:\n  approximateRuntime: "{{trial.nme}}{{args.any}}s"\n',
      'templates/plain.yaml': 'spec:\n  aproximateRuntime: 1s\n',
    });

    const [one, all, everything] = await Promise.all([validate(['templates/used.yaml']), validate(['templates']), validate()]);

    const USED = 'templates/used.yaml:2: unknown name "args.second"; known: seconds\n';
    const UNUSED = [
      'templates/broken.yaml:2: unknown name "trial.nme"; known: name, experiment, namespace, number\n',
      'templates/plain.yaml:2: spec.aproximateRuntime: unknown field; did you mean "approximateRuntime"?\n',
    ].join('');
    assert.equal(one.stdout, USED);
    assert.equal(one.stderr, '0 of 1 experiment valid, 1 problem\n');
    assert.equal(all.stdout, USED + UNUSED);
    assert.match(all.stderr, /^note: templates\/broken\.yaml: no experiment uses it, so it is not rendered$/m);
    assert.equal(everything.stdout, USED + UNUSED);
  });

  it('says that a path leads to nothing', async () => {
    const { exitCode, stdout } = await validate(['experiments/sizng']);

    assert.equal(exitCode, 3);
    assert.equal(stdout, 'experiments/sizng: there is no such file or folder in the repository\n');
  });

  it('says what it expected where there is nothing at all', async () => {
    const empty = await createWorkingFolder();

    const { exitCode, stdout, stderr } = await validate([], empty.path);
    await empty.cleanup();

    assert.equal(exitCode, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /^no experiments found; expected experiments\/<name>\/experiment\.yaml in \/.*\n$/);
  });
});
