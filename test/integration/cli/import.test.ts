import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { PROJECT } from '../../../scripts/example/project.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

const FIXTURES = join(PROJECT, 'test', 'fixtures', 'legacy');
const VOTING = join(FIXTURES, 'voting-app.yaml');
const POSTGRES = join(FIXTURES, 'postgres.yaml');

describe('fieldtrial import', () => {
  let folder: WorkingFolder;

  beforeEach(async () => {
    folder = await createWorkingFolder();
  });
  afterEach(() => folder.cleanup());

  const run = (...args: string[]) => runFieldtrial(args, { cwd: folder.path });
  const text = (path: string) => readFile(join(folder.path, path), 'utf8');

  it('prints the experiment of ours and what stands beside it, and tells on stderr what changes', async () => {
    const { exitCode, stdout, stderr } = await run('import', POSTGRES);

    assert.equal(exitCode, 0);
    assert.deepEqual(
      (loadAll(stdout) as any[]).map(({ kind }) => kind),
      ['Experiment', 'ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap'],
    );
    assert.match(stderr, /^note: .*postgres\.yaml:28: metadata\.namespace: an experiment is a file and lies in no namespace/m);
    assert.match(stderr, /^other objects of postgres-example are kept beside the experiment; nobody applies them but you, with kubectl$/m);
    assert.match(stderr, /^1 of 1 file converted, 0 problems$/m);
  });

  it('writes into the repository what then is valid, planned, and beside which the rest is shown', async () => {
    const { exitCode, stdout } = await run('import', '--write', VOTING, POSTGRES);
    const validated = await run('validate');
    await folder.commit();
    const planned = await run('plan', 'postgres-example');

    assert.equal(exitCode, 0);
    assert.deepEqual(stdout.trim().split('\n'), [
      'experiments/voting-app/experiment.yaml',
      'experiments/postgres-example/experiment.yaml',
      'experiments/postgres-example/companions.yaml',
    ]);
    assert.equal(validated.stderr, '2 of 2 experiments valid, 0 problems\n');
    assert.match(planned.stdout, /^# beside the experiment, applied by nobody but you: ConfigMap pgbench-schema$/m);
  });

  it('does not write over a file unless it is told to', async () => {
    await run('import', '--write', VOTING);

    const refused = await run('import', '--write', VOTING);
    const forced = await run('import', '--write', '--force', VOTING);

    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /experiments\/voting-app\/experiment\.yaml is there already; --force writes over it/);
    assert.equal(forced.exitCode, 0);
  });

  it('writes into a file or a folder', async () => {
    const intoFile = await run('import', '-o', 'new.yaml', POSTGRES);
    const intoFolder = await run('import', '-o', 'lab/', VOTING);

    assert.equal(intoFile.stdout, 'new.yaml\n');
    assert.match(await text('new.yaml'), /^apiVersion: fieldtrial\.dev\/v1alpha1\n[^]*^---\napiVersion: v1\nkind: ServiceAccount/m);
    assert.equal(intoFolder.stdout, 'lab/voting-app/experiment.yaml\n');
  });

  it('exits with 3 for what cannot be converted, and converts the rest', async () => {
    await folder.write({
      'odd.yaml': 'apiVersion: redskyops.dev/v1beta1\nkind: Experiment\nmetadata: {name: odd}\nspec:\n  patches: [{patch: "{{ env }}"}]\n',
    });

    const { exitCode, stdout, stderr } = await run('import', 'odd.yaml', VOTING);

    assert.equal(exitCode, 3);
    assert.match(stdout, /name: voting-app/);
    assert.match(
      stderr,
      /^odd\.yaml:5: spec\.patches\[0\]\.patch: this Go template cannot be translated: the function "env" has no counterpart/m,
    );
    assert.match(stderr, /^1 of 2 files converted/m);
  });

  it('says which file is not there, and refuses several experiments in one file', async () => {
    const missing = await run('import', 'nowhere.yaml');
    const several = await run('import', '-o', 'one.yaml', VOTING, POSTGRES);

    assert.deepEqual([missing.exitCode, several.exitCode], [2, 2]);
    assert.match(missing.stderr, /there is no file nowhere\.yaml/);
    assert.match(several.stderr, /--out one\.yaml is one file; give a folder for several experiments/);
  });
});

describe('A legacy file in the repository', () => {
  it('is validated and planned as it is', async () => {
    const folder = await createWorkingFolder({ 'experiments/postgres/experiment.yaml': await readFile(POSTGRES, 'utf8') });

    const validated = await runFieldtrial(['validate'], { cwd: folder.path });
    const planned = await runFieldtrial(['plan', '-o', 'json'], { cwd: folder.path });
    await folder.cleanup();

    assert.equal(validated.exitCode, 0, validated.stdout);
    assert.match(validated.stderr, /^note: experiments\/postgres\/experiment\.yaml:28: metadata\.namespace: /m);
    assert.deepEqual(notesIn(planned.stderr), notesIn(validated.stderr));
    const [plan] = JSON.parse(planned.stdout);
    assert.deepEqual(
      plan.companions.map(({ name }: { name: string }) => name),
      ['ServiceAccount redsky', 'Role redsky-setup', 'RoleBinding redsky-setup', 'ConfigMap pgbench-schema'],
    );
    assert.deepEqual(plan.patches[0].target, 'Deployment postgres');
  });
});

function notesIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('note: '));
}
