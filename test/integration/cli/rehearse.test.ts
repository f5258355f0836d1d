import assert from 'node:assert/strict';
import { aRepository, experimentFile, experimentText } from '../../support/definitions.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

describe('fieldtrial rehearse', function () {
  this.timeout('60s');

  let folder: WorkingFolder;

  beforeEach(async () => {
    folder = await createWorkingFolder(aRepository());
  });
  afterEach(() => folder.cleanup());

  const rehearse = (args: string[] = [], cwd = folder.path): Promise<FieldtrialEnd> => runFieldtrial(['rehearse', ...args], { cwd });

  it("finds nothing wrong with this project's own experiments", async () => {
    const { exitCode, stdout, stderr } = await rehearse([], PROJECT);

    assert.equal(exitCode, 0, stdout);
    assert.equal(stderr, '');
    assert.match(stdout, /^# Rehearsal\n\n\d experiments rehearsed on a simulated cluster, nothing is wrong\.\n/);
    assert.match(stdout, /^\| cache-sizing-001 \| grid \| memory=16 \| Completed \| /m);
    assert.match(stdout, /^\| httpd-sizing-002 \| random \| [^|]+ \| Completed \| cost=/m);
    assert.match(stdout, /^--- StatefulSet\/store before$/m);
  });

  it('reads what lies in the folder, committed or not, and exits with 3 when an experiment is at fault', async () => {
    await folder.write({
      [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('spec: {replicas:', 'spec: {replica:')),
    });

    const { exitCode, stdout } = await rehearse();

    assert.equal(exitCode, 3);
    assert.match(
      stdout,
      /^- experiments\/sizing\/experiment\.yaml:12: spec\.patches\[0\]\.patch: Deployment app: unknown field "spec\.replica"/m,
    );
  });

  it('exits with 3 for an experiment that is not valid', async () => {
    await folder.write({ [experimentFile('other')]: 'nonsense' });

    const { exitCode, stdout } = await rehearse(['other']);

    assert.equal(exitCode, 3);
    assert.match(stdout, /^## Not rehearsed\n\n- experiments\/other\/experiment\.yaml:1: /m);
  });

  it('says that it does not know an experiment', async () => {
    const { exitCode, stderr } = await rehearse(['sizng']);

    assert.equal(exitCode, 2);
    assert.equal(stderr, 'error: there is no experiment "sizng"; did you mean "sizing"?\n');
  });

  it('tells the same as JSON for programs', async () => {
    const { exitCode, stdout } = await rehearse(['-o', 'json', '--trials', '1']);

    const { problems, experiments } = JSON.parse(stdout);
    assert.equal(exitCode, 0);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      experiments.map(({ name, trials }: any) => [name, trials.map(({ phase, assignments }: any) => [phase, assignments])]),
      [['sizing', [['Completed', { cpu: 2 }]]]],
    );
    assert.match(experiments[0].trials[0].changes[0].diff, /^\+ {2}replicas: 2$/m);
  });

  it('lists what went wrong on purpose, and says that nothing is wrong', async () => {
    await folder.write({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('Runtime: 1s', 'Runtime: 1m')) });

    const { exitCode, stdout } = await rehearse(['--chaos', '3']);

    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /^### What went wrong on purpose\n\n- /m);
  });

  it('exits with 5 when the infrastructure kept every trial from a result', async () => {
    const evicted = 'jobTemplate: {spec: {template: {metadata: {annotations: {sandbox.fieldtrial.dev/fail: Evicted}}}}}';
    await folder.write({ [experimentFile('sizing')]: experimentText('sizing', (text) => `${text}      ${evicted}\n`) });

    const { exitCode, stdout } = await rehearse();

    assert.equal(exitCode, 5);
    assert.match(stdout, /^1 experiment rehearsed .*, nothing is wrong, but 2 of 2 trials could not be rehearsed\.$/m);
  });

  it('refuses to rehearse no trial at all', async () => {
    const { exitCode, stderr } = await rehearse(['--trials', '0']);

    assert.equal(exitCode, 2);
    assert.match(stderr, /expected a whole number of at least 1\.\n$/);
  });

  it('refuses a node of a size that is none', async () => {
    const { exitCode, stderr } = await rehearse(['--node', 'cpu=lots']);

    assert.equal(exitCode, 2);
    assert.match(stderr, /expected cpu and memory as quantities, such as cpu=8,memory=32Gi\.\n$/);
  });
});
