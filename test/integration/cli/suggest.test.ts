import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { aRepository } from '../../support/definitions.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

describe('fieldtrial suggest', () => {
  let folder: WorkingFolder;

  beforeEach(async () => {
    const parameters = (text: string) => text.replace('metrics:', '  - {name: gc, values: ["G1", "a,b"], baseline: G1}\n  metrics:');
    folder = await createWorkingFolder(aRepository(parameters));
  });
  afterEach(() => folder.cleanup());

  const suggest = (...args: string[]) => runFieldtrial(['suggest', ...args], { cwd: folder.path });

  it('writes a file that is valid once it is committed, and that the plan takes up', async () => {
    const { exitCode, stdout, stderr } = await suggest('sizing', '-A', 'cpu=3', '-A', 'gc=a,b');

    const path = stdout.trim();
    assert.equal(exitCode, 0, stderr);
    assert.match(path, /^experiments\/sizing\/suggestions\/[0-9a-f]{8}\.yaml$/);
    assert.equal(stderr, 'commit and push it; the next run tries cpu=3 gc=a,b\n');
    const { spec } = load(await readFile(join(folder.path, path), 'utf8')) as any;
    assert.deepEqual(spec.assignments, [
      { name: 'cpu', value: 3 },
      { name: 'gc', value: 'a,b' },
    ]);

    await folder.commit();
    const [validated, planned] = await Promise.all([
      runFieldtrial(['validate'], { cwd: folder.path }),
      runFieldtrial(['status', 'sizing', '-o', 'json'], { cwd: folder.path }),
    ]);
    assert.equal(validated.exitCode, 0, validated.stdout);
    assert.equal(planned.exitCode, 0);
  });

  it('fills what is not assigned with a default', async () => {
    const { stdout } = await suggest('sizing', '-A', 'gc=G1', '--default', 'max', '--name', 'big');

    const { spec } = load(await readFile(join(folder.path, stdout.trim()), 'utf8')) as any;
    assert.equal(stdout, 'experiments/sizing/suggestions/big.yaml\n');
    assert.deepEqual(spec.assignments[0], { name: 'cpu', value: 4 });
  });

  const refused: [string, string[], string][] = [
    ['a value out of range', ['-A', 'cpu=9', '-A', 'gc=G1'], 'parameter "cpu": 9 is above the maximum of 4'],
    [
      'a value that is no number',
      ['-A', 'cpu=plenty', '-A', 'gc=G1'],
      'parameter "cpu": "plenty" is text; the parameter\'s type is integer, so write a number without quotes',
    ],
    ['an unknown parameter', ['-A', 'cpus=3', '--default', 'min'], 'unknown parameter "cpus"; did you mean "cpu"?'],
    ['a parameter without a value', ['-A', 'cpu=3'], 'no value for gc; give -A gc=VALUE or --default min, max or baseline'],
    ['what is no assignment', ['-A', 'cpu', '--default', 'min'], '"cpu" is no assignment; expected name=value'],
    [
      'a name outside its folder',
      ['--default', 'min', '--name', '../../evil'],
      '--name "../../evil" is no file name; use letters, digits, hyphens and dots',
    ],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const { exitCode, stderr } = await suggest('sizing', ...args);

      assert.equal(exitCode, 2);
      assert.equal(stderr, `error: ${message}\n`);
      assert.deepEqual(await readdir(join(folder.path, 'experiments', 'sizing')), ['experiment.yaml']);
    });
  }

  it('does not overwrite a suggestion', async () => {
    await suggest('sizing', '--default', 'min', '--name', 'one');

    const { exitCode, stderr } = await suggest('sizing', '--default', 'max', '--name', 'one.yaml');

    assert.equal(exitCode, 2);
    assert.match(stderr, /^error: experiments\/sizing\/suggestions\/one\.yaml is there already; choose another --name\n$/);
  });

  it('says which experiment was meant', async () => {
    const { exitCode, stderr } = await suggest('sizng', '--default', 'min');

    assert.equal(exitCode, 2);
    assert.equal(stderr, 'error: there is no experiment "sizng"; did you mean "sizing"?\n');
  });
});
