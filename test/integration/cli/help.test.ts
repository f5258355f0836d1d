import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { runFieldtrial, startFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';

describe('fieldtrial, asked for help', () => {
  const commands = ['run', 'validate', 'plan', 'rehearse', 'suggest', 'import', 'status', 'slots', 'schema', 'setup', 'version'];

  it('lists its commands, none of which makes experiments up', async () => {
    const { exitCode, stdout, stderr } = await runFieldtrial(['--help']);

    assert.equal(exitCode, 0);
    assert.equal(stderr, '');
    const [, list = ''] = stdout.split('\nCommands:\n');
    assert.deepEqual(
      [...list.matchAll(/^ {2}(\w+) /gm)].map(([, command]) => command),
      [...commands, 'help'],
    );
  });

  it('explains each of them', async () => {
    const explained = await Promise.all(commands.map((command) => runFieldtrial([command, '--help'])));

    for (const [index, { exitCode, stdout, stderr }] of explained.entries()) {
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^Usage: fieldtrial ${commands[index]}`));
      assert.equal(stderr, '');
    }
  });

  it('explains a command also as `help run`, every flag with its environment twin', async () => {
    const { exitCode, stdout } = await runFieldtrial(['help', 'run']);

    assert.equal(exitCode, 0);
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, flag]) => flag ?? '').filter((flag) => flag !== 'help');
    const twins = flags.map((flag) => `FIELDTRIAL_${flag.toUpperCase().replaceAll('-', '_')}`);
    const text = stdout.replaceAll(/\s+/g, ' ');
    assert.deepEqual(
      twins.filter((twin) => !text.includes(`env: ${twin}`)),
      [],
    );
    assert.ok(text.includes('(env: FIELDTRIAL_REPOSITORY)'));
  });

  it('shows how it is used when it is told nothing, as an error of usage', async () => {
    const { exitCode, stdout, stderr } = await runFieldtrial([]);

    assert.equal(exitCode, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: fieldtrial /);
  });
});

describe('fieldtrial, used wrongly', () => {
  const cases: [string, string[], RegExp][] = [
    ['an unknown command', ['valdate'], /^error: unknown command 'valdate'\n\(Did you mean validate\?\)\n$/],
    ['an unknown flag', ['run', '--slotz', 'a'], /^error: unknown option '--slotz'\n\(Did you mean --slots\?\)\n$/],
    ['a value that is no choice', ['run', '-o', 'xml'], /argument 'xml' is invalid\. Allowed choices are board, plain, json\.\n$/],
    ['a value that is no number', ['run', '--max-trials', 'many'], /'many' is invalid\. expected a whole number of at least 0\.\n$/],
    [
      'a value that is no duration',
      ['run', '--max-duration', 'soon'],
      /'soon' is invalid\. expected a duration such as 90s, 30m or 8h\.\n$/,
    ],
    ['a missing argument', ['suggest'], /^error: missing required argument 'experiment'\n$/],
    ['one argument too many', ['run', 'a', 'b'], /^error: too many arguments for 'run'\./],
    ['a key without known hosts', ['plan', '--git-ssh-key', '/key'], /^error: --git-ssh-key needs --git-known-hosts: /],
    ['setup outside its Job', ['setup'], /^error: fieldtrial setup runs inside setup Jobs: NAME, NAMESPACE and MODE/],
  ];
  let ends: FieldtrialEnd[];

  before(async () => {
    ends = await Promise.all(cases.map(([, args]) => runFieldtrial(args)));
  });

  for (const [index, [what, , message]] of cases.entries()) {
    it(`says what is wrong with ${what}, with exit code 2`, () => {
      const { exitCode, stdout, stderr } = ends[index]!;

      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, message);
    });
  }

  it('reads the environment twin of a flag, and says so when it is wrong', async () => {
    const { exitCode, stderr } = await runFieldtrial(['run'], { env: { FIELDTRIAL_MAX_TRIALS: 'many' } });

    assert.equal(exitCode, 2);
    assert.match(stderr, /value 'many' from env 'FIELDTRIAL_MAX_TRIALS' is invalid/);
  });

  it('leaves a choice aside that is meant for another command with the same variable', async () => {
    const right = await runFieldtrial(['validate'], { env: { FIELDTRIAL_OUTPUT: 'plain' } });
    const wrong = await runFieldtrial(['validate'], { env: { FIELDTRIAL_OUTPUT: 'pliant' } });

    assert.doesNotMatch(right.stderr, /FIELDTRIAL_OUTPUT/);
    assert.match(wrong.stderr, /value 'pliant' from env 'FIELDTRIAL_OUTPUT' is invalid/);
  });
});

describe('fieldtrial version', () => {
  it("is the package's, as a command and as a flag", async () => {
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));

    const [asCommand, asFlag] = await Promise.all([runFieldtrial(['version']), runFieldtrial(['--version'])]);

    assert.equal(asCommand.stdout, `${version}\n`);
    assert.equal(asFlag.stdout, `${version}\n`);
  });
});

describe('fieldtrial schema', () => {
  it('is a JSON Schema of experiment files', async () => {
    const { exitCode, stdout } = await runFieldtrial(['schema']);

    const schema = JSON.parse(stdout);
    assert.equal(exitCode, 0);
    assert.match(schema.$schema, /json-schema\.org/);
    assert.ok('spec' in schema.properties);
  });

  it('may be read only in part', async () => {
    const { child, ended } = startFieldtrial(['schema']);

    child.stdout?.destroy();

    const { exitCode, stderr } = await ended;
    assert.equal(stderr, '');
    assert.equal(exitCode, 0);
  });
});
