import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { ParameterPayload } from '../../../runner/remote/payloads.ts';
import { aRepository, experimentFile } from '../../support/definitions.ts';
import { startExperimentsServer, type ExperimentsServer } from '../../support/experiments-api/start-experiments-server.ts';
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
    [
      'a parameter without a value',
      ['-A', 'cpu=3'],
      'no value for gc; give -A gc=VALUE, --default min, max, random or baseline, or --interactive',
    ],
    ['what is no assignment', ['-A', 'cpu', '--default', 'min'], '"cpu" is no assignment; expected name=value'],
    ['what is no label', ['--default', 'min', '--label', 'team'], '"team" is no label; expected key=value'],
    ['a remote API that nobody names', ['--default', 'min', '--remote'], '--remote needs --remote-url, the server of the remote API'],
    ['questions without a terminal', ['--interactive'], '--interactive needs a terminal to ask at; --force reads the answers from a pipe'],
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

  it('keeps labels in the file', async () => {
    const { stdout } = await suggest('sizing', '--default', 'baseline', '--label', 'team=a', '--label', 'why=a=b');

    const { spec } = load(await readFile(join(folder.path, stdout.trim()), 'utf8')) as any;
    assert.deepEqual(spec, {
      assignments: [
        { name: 'cpu', value: 2 },
        { name: 'gc', value: 'G1' },
      ],
      labels: { team: 'a', why: 'a=b' },
    });
  });

  it('asks for what is not assigned, again for what is no value, and takes the default for nothing', async () => {
    const { exitCode, stdout, stderr } = await runFieldtrial(['suggest', 'sizing', '--interactive', '--force', '--default', 'baseline'], {
      cwd: folder.path,
      input: '9\n3\n\n',
    });

    const { spec } = load(await readFile(join(folder.path, stdout.trim()), 'utf8')) as any;
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      spec.assignments.map(({ value }: any) => value),
      [3, 'G1'],
    );
    assert.equal(
      stderr,
      "Assignment for integer parameter 'cpu' [1, 4] (2): " +
        'parameter "cpu": 9 is above the maximum of 4\nInvalid assignment, try again: ' +
        "Assignment for categorical parameter 'gc' [G1, a,b] (G1): commit and push it; the next run tries cpu=3 gc=G1\n",
    );
  });

  describe('with a remote API', () => {
    let server: ExperimentsServer;

    beforeEach(async () => {
      server = await startExperimentsServer();
      const parameters = [
        { name: 'cpu', type: 'int', bounds: { min: 1, max: 4 } },
        { name: 'gc', type: 'categorical', values: ['G1', 'a,b'] },
      ] as ParameterPayload[];
      server.state.put('sizing', { parameters, metrics: [] });
    });
    afterEach(() => server.close());

    const remotely = (...args: string[]) => suggest('sizing', '--default', 'max', '--remote-url', server.url, ...args);
    const trials = () => server.state.experiments.get('sizing')?.trials ?? [];
    const files = () => readdir(join(folder.path, 'experiments', 'sizing'));

    it('puts it in the queue there, with its labels, and writes nothing', async () => {
      const { exitCode, stdout, stderr } = await remotely('--remote', '--label', 'team=a');

      assert.equal(exitCode, 0, stderr);
      assert.equal(stdout, `${server.url}v1/experiments/sizing/trials/1\n`);
      assert.equal(stderr, 'the remote API hands it out before anything of its own: cpu=4 gc=a,b\n');
      assert.deepEqual(trials()[0], {
        number: 1,
        assignments: [
          { parameterName: 'cpu', value: 4 },
          { parameterName: 'gc', value: 'a,b' },
        ],
        labels: { team: 'a' },
        status: 'staged',
        reports: [],
      });
      assert.deepEqual(await files(), ['experiment.yaml']);
    });

    it("does so by itself where that is the experiment's source", async () => {
      const text = await readFile(join(folder.path, experimentFile('sizing')), 'utf8');
      await folder.write({ [experimentFile('sizing')]: text.replace('{source: grid, budget: 5}', '{source: remote}') });

      await remotely();

      assert.deepEqual(
        trials().map(({ status }) => status),
        ['staged'],
      );
    });

    it('writes the file where it is not', async () => {
      await remotely();

      assert.deepEqual([trials().length, await files()], [0, ['experiment.yaml', 'suggestions']]);
    });

    it('says that the experiment is not there yet', async () => {
      server.state.experiments.clear();

      const { exitCode, stderr } = await remotely('--remote');

      assert.equal(exitCode, 2);
      assert.equal(stderr, 'error: the remote API has no experiment "sizing" yet; the first run creates it\n');
    });

    it('says that it may be there when the answer is lost, and does not send it twice', async () => {
      server.fault('POST /v1/experiments/sizing/trials', { effect: 'cut', at: 'answer' });

      const { exitCode, stderr } = await remotely('--remote');

      assert.equal(exitCode, 4);
      assert.match(stderr, /^the remote API refused: POST .*ECONNRESET; it may have been accepted all the same, so look at its trials/);
      assert.equal(trials().length, 1);
    });
  });

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
