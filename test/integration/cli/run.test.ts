import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { aRepository, experimentFile, experimentText } from '../../support/definitions.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, type Files, type Remote } from '../../support/git-repository.ts';
import { kubeconfigOf, startPermissiveApiServer, type PermissiveApiServer } from '../../support/permissive-api-server.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';

const OTHER_INVALID = { [experimentFile('other')]: 'nonsense' };

describe('fieldtrial run, before anything is touched', function () {
  this.timeout('60s');

  let api: PermissiveApiServer;
  let git: GitHttpServer;
  let remote: Remote;
  let kubeconfig: string;

  before(async () => {
    api = await startPermissiveApiServer(['shop-1', 'shop-2']);
    remote = await createRemote(aRepository());
    git = await startGitHttpServer(dirname(remote.path));
    kubeconfig = join(remote.scratch, 'kubeconfig');
    await api.writeKubeconfig(kubeconfig);
  });
  beforeEach(() => {
    git.login = 'x-access-token:right-token';
  });
  after(async () => {
    await api.close();
    await git.close();
    await remote.cleanup();
  });

  /** Against the API server of this suite and its slot shop-1, unless flags of the test say otherwise. */
  function run(repository: string, args: string[] = [], env: Record<string, string> = {}): Promise<FieldtrialEnd> {
    const twins = { FIELDTRIAL_KUBECONFIG: kubeconfig, FIELDTRIAL_SLOTS: 'shop-1', FIELDTRIAL_NAMESPACE: 'default' };
    return runFieldtrial(['run', repository, ...args], { env: { ...twins, ...env } });
  }

  async function runOn(files: Files | undefined, args: string[] = []): Promise<FieldtrialEnd> {
    const other = await createRemote(files);
    try {
      return await run(other.path, args);
    } finally {
      await other.cleanup();
    }
  }

  async function runOnClosedPort(): Promise<FieldtrialEnd> {
    const file = join(remote.scratch, 'down');
    await writeFile(file, kubeconfigOf(`http://127.0.0.1:${await closedPort()}`));
    return run(remote.path, ['--kubeconfig', file]);
  }

  describe('refuses in one clear sentence', () => {
    const refusals: [what: string, begin: () => Promise<FieldtrialEnd>, code: number, says: RegExp][] = [
      [
        'a repository that does not exist',
        () => run(join(remote.scratch, 'nowhere')),
        4,
        /^preflight failed: repository \/.*\/nowhere does not exist\n$/,
      ],
      ['a folder that is no repository', () => run(remote.scratch), 4, /^preflight failed: \/.*\/scratch is not a git repository/],
      [
        'a repository that is empty',
        () => runOn(undefined),
        4,
        /^preflight failed: repository .* is empty; commit an experiment to it first\n$/,
      ],
      [
        'a branch that does not exist',
        () => run(remote.path, ['--branch', 'mian']),
        4,
        /^preflight failed: repository .* has no branch mian; it has main\n$/,
      ],
      [
        'the wrong token',
        () => run(`${git.url}/remote.git`, [], { FIELDTRIAL_GIT_TOKEN: 'wrong-token' }),
        4,
        /^preflight failed: repository http:\/\/127\.0\.0\.1:\d+\/remote\.git refused the login, or needs one; check the git token or ssh key/,
      ],
      [
        'settings that make no sense',
        () => runOn({ ...aRepository(), 'fieldtrial.yaml': 'resultBranch: results\n' }),
        3,
        /^fieldtrial\.yaml:1: resultBranch: .*did you mean "resultsBranch"\?\n$/,
      ],
      [
        'the name of no experiment',
        () => run(remote.path, ['-e', 'sizng']),
        2,
        /^error: there is no experiment "sizng"; did you mean "sizing"\?\n$/,
      ],
      [
        'an experiment that is asked for and invalid, without a word of others',
        () => runOn({ ...aRepository((text) => text.replace('baseline: 2', 'baseline: 9')), ...OTHER_INVALID }, ['-e', 'sizing']),
        3,
        /^experiments\/sizing\/experiment\.yaml:7: spec\.parameters\[0\]\.baseline: 9 is above the maximum of 4\n$/,
      ],
      [
        'a kubeconfig that does not exist',
        () => run(remote.path, ['--kubeconfig', '/nowhere/config']),
        4,
        /^preflight failed: kubeconfig \/nowhere\/config does not exist\n$/,
      ],
      [
        'metrics whose keys are not there',
        () => runOn(aRepository((text) => text.replace('  metrics:', '  metrics:\n    - {name: cpu, type: newrelic, query: SELECT 1}'))),
        4,
        /^preflight failed: .*:9: spec\.metrics\[0\]\.type: NEW_RELIC_API_KEY is not set in the runner's environment/m,
      ],
      [
        'a metric access file that does not exist',
        () => run(remote.path, ['--metric-access', '/nowhere/access.yaml']),
        2,
        /^error: the metric access file \/nowhere\/access\.yaml cannot be read \(ENOENT\)\n$/,
      ],
      ['a context that does not exist', () => run(remote.path, ['--context', 'prod']), 4, /^preflight failed: .*context "prod".*test/],
      [
        'a cluster that is down',
        runOnClosedPort,
        4,
        /^preflight failed: .*\/down, context "test": the cluster at http:\/\/127\.0\.0\.1:\d+ cannot be used: .*ECONNREFUSED/,
      ],
    ];
    const ends: FieldtrialEnd[] = [];

    before(async () => {
      // Three at once; the cluster that is down is given ten seconds to come back, and so begins first.
      const waiting = [...refusals.entries()].toReversed().values();
      const work = async () => {
        for (const [index, [, begin]] of waiting) ends[index] = await begin();
      };
      await Promise.all([work(), work(), work()]);
    });

    for (const [index, [what, , code, says]] of refusals.entries()) {
      it(what, () => {
        const { exitCode, stdout, stderr } = ends[index]!;

        assert.match(stderr, says);
        assert.equal(exitCode, code);
        assert.equal(stdout, '');
        assert.doesNotMatch(stderr, /^ +at |wrong-token/m);
      });
    }
  });

  describe('tells of invalid definitions', () => {
    const invalid: [string, (text: string) => string, RegExp][] = [
      [
        'an unknown field, with the one that was meant',
        (text) => text.replace('suggest:', 'sugest:'),
        /experiment\.yaml:5: spec\.sugest: unknown field; did you mean "suggest"\?/,
      ],
      ['no YAML', (text) => text.replace('baseline: 2}', 'baseline: 2'), /experiment\.yaml:\d+: /],
      [
        'an unknown name',
        (text) => text.replace('{replicas: {{values.cpu}} }', '{replicas: {{values.cpus}} }'),
        /experiment\.yaml:12: spec\.patches\[0\]\.patch: .*values\.cpus.*cpu/,
      ],
      [
        'an unknown name inside a block',
        (text) => text.replace('"{{values.cpu}}"', '"{{#if values.mem}}1{{else}}2{{/if}}"'),
        /experiment\.yaml:9: spec\.metrics\[0\]\.query: .*values\.mem/,
      ],
      [
        'a baseline out of range',
        (text) => text.replace('baseline: 2', 'baseline: 9'),
        /experiment\.yaml:7: spec\.parameters\[0\]\.baseline: 9 is above the maximum of 4/,
      ],
      ['no parameters', (text) => text.replace(/parameters:\n.*\n/, 'parameters: []\n'), /experiment\.yaml:6: spec\.parameters: /],
    ];
    let end: FieldtrialEnd;

    before(async () => {
      const files = invalid.map(([, edit], index) => [experimentFile(`broken-${index}`), experimentText(`broken-${index}`, edit)]);
      end = await runOn({ ...aRepository(), ...Object.fromEntries(files) }, ['--dry-run']);
    });

    for (const [index, [what, , says]] of invalid.entries()) {
      it(`with ${what}, by file, line and field`, () => {
        const line = end.stderr.split('\n').find((each) => each.includes(`[broken-${index}]`)) ?? '';

        assert.match(line, /experiment is skipped: InvalidDefinition: /);
        assert.match(line, says);
      });
    }

    it('and runs the valid ones, with exit code 3', () => {
      assert.equal(end.exitCode, 3);
      assert.match(end.stderr, /nothing was changed; sizing would run in shop-1$/m);
      assert.doesNotMatch(end.stderr, /^ +at /m);
    });

    it('and runs neither of two of one name', async () => {
      const { exitCode, stderr } = await runOn({ ...aRepository(), [experimentFile('other')]: experimentText('sizing') });

      assert.equal(exitCode, 3);
      assert.match(
        stderr,
        /experiments\/other\/experiment\.yaml:3: metadata\.name: "sizing" is also the name of experiments\/sizing\/experiment\.yaml; rename one/,
      );
    });

    it('but not of those that nobody asked for', async () => {
      const { exitCode, stderr } = await runOn({ ...aRepository(), ...OTHER_INVALID }, ['-e', 'sizing', '--dry-run']);

      assert.equal(exitCode, 0, stderr);
    });
  });

  describe('with --dry-run', () => {
    it('says what would run where, and changes nothing', async () => {
      const before = await remote.git('for-each-ref');

      const { exitCode, stdout, stderr } = await run(remote.path, ['--dry-run', '--slots', ' shop-2 ,shop-1,shop-1']);

      assert.equal(exitCode, 0, stderr);
      assert.equal(
        stdout,
        [
          'CHECK         WHERE                RESULT',
          'git push      fieldtrial/results   accepted; the first commit of a run proves it',
          'version       cluster              v1.36.3',
          'clock         cluster              the same',
          'permissions   shop-2               granted',
          'first trial   shop-2               sizing: accepted',
          '                                   not tried: patches[0] of Deployment app: it does not exist yet',
          'permissions   shop-1               granted',
          'first trial   shop-1               sizing: accepted',
          '                                   not tried: patches[0] of Deployment app: it does not exist yet',
          '',
        ].join('\n'),
      );
      assert.match(stderr, /dry run: nothing was changed; sizing would run in shop-2, shop-1$/m);
      assert.equal(await remote.git('for-each-ref'), before);
      assert.deepEqual(
        api.requests.filter((request) => !/^GET |reviews$|\?dryRun=All$/.test(request)),
        [],
      );
    });

    it('says it of no experiment that has no slot', async () => {
      const elsewhere = experimentText('other', (text) =>
        text.replace('spec:', 'spec:\n  namespaceSelector: {matchLabels: {for: others}}'),
      );

      const { exitCode, stderr } = await runOn({ ...aRepository(), [experimentFile('other')]: elsewhere }, ['--dry-run']);

      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /\[other\] experiment is skipped: NoSlot/);
      assert.match(stderr, /dry run: nothing was changed; sizing would run in shop-1$/m);
    });

    it('says where it would run without a slot that does not exist, and answers with exit code 4', async () => {
      const { exitCode, stderr } = await run(remote.path, ['--slots', 'shop-9,shop-2', '--dry-run']);

      assert.equal(exitCode, 4);
      assert.match(stderr, /\[shop-9\] slot is left out: NamespaceMissing: namespace "shop-9" does not exist/);
      assert.match(stderr, /sizing would run in shop-2$/m);
      assert.match(stderr, /^preflight failed: namespace "shop-9" does not exist; create it or take it off the list of slots$/m);
    });

    it('does not say that trials would run in a slot that no experiment wants', async () => {
      const bound = aRepository((text) => text.replace('trialTemplate:\n', 'trialTemplate:\n    metadata: {namespace: shop-1}\n'));

      const { stdout, stderr } = await runOn(bound, ['--dry-run', '--slots', 'shop-1,shop-2']);

      assert.match(stdout, /^permissions {3}shop-2 {15}granted$/m);
      assert.match(stderr, /dry run: nothing was changed; sizing would run in shop-1$/m);
    });

    it('checks the slots also where there is no trial to run', async () => {
      const paused = aRepository((text) => text.replace('spec:\n', 'spec:\n  replicas: 0\n'));

      for (const files of [{ 'README.md': '' }, paused]) {
        const { exitCode, stdout, stderr } = await runOn(files, ['--dry-run', '--slots', 'shop-1,shop-9']);

        assert.equal(exitCode, 4);
        assert.match(stdout, /^git push {6}fieldtrial\/results {3}accepted;.*\n(.*\n)*permissions {3}shop-1 {15}granted\n$/m);
        assert.match(stderr, /dry run: nothing was changed; there is no trial to run; the next ones could run in shop-1$/m);
        assert.match(stderr, /^preflight failed: namespace "shop-9" does not exist; create it or take it off the list of slots$/m);
      }
    });

    it('reads a repository over HTTP with a token of a file', async () => {
      const file = join(remote.scratch, 'token');
      await writeFile(file, 'right-token\n');

      const { exitCode, stderr } = await run(`${git.url}/remote.git`, ['--dry-run', '--git-token-file', file]);

      assert.equal(exitCode, 0, stderr);
    });

    it('reads a repository with a login in its URL, and names the repository without it', async () => {
      git.login = 'ghp_tok:x-oauth-basic';
      const url = git.url.replace('://', `://${git.login}@`);

      const { stdout, stderr, events } = await run(`${url}/remote.git`, ['--dry-run', '-o', 'json']);

      assert.equal(events.find((event) => event.type === 'run-started')?.repository, `${git.url}/remote.git`, stderr);
      assert.doesNotMatch(stdout + stderr, /ghp_tok|x-oauth-basic/);
    });
  });

  it('fails without a slot, also when variables of the environment are empty or say no', async () => {
    const env = { FIELDTRIAL_SLOTS: '', FIELDTRIAL_NAMESPACE: '', FIELDTRIAL_MAX_TRIALS: '', FIELDTRIAL_DRY_RUN: 'false' };

    const { exitCode, stderr } = await run(remote.path, [], env);

    assert.equal(exitCode, 4);
    assert.match(
      stderr,
      /^preflight failed: no namespace can be a slot for "sizing"; give --slots, -n, or a namespaceSelector that matches a namespace$/m,
    );
  });

  it('fails when its only slot does not exist', async () => {
    const { exitCode, stderr } = await run(remote.path, ['--slots', 'shop-9']);

    assert.equal(exitCode, 4);
    assert.match(stderr, /^preflight failed: namespace "shop-9" does not exist; create it or take it off the list of slots$/m);
  });

  it('tells a failure as an event too, where events are read', async () => {
    const { exitCode, events, stderr } = await run(remote.path, ['-o', 'json', '--kubeconfig', '/nowhere/config']);

    const [failed] = events;
    assert.equal(exitCode, 4);
    assert.deepEqual(
      { ...failed, timestamp: '', run: '' },
      {
        timestamp: '',
        type: 'run-failed',
        run: '',
        exitCode: 4,
        reason: 'PreflightFailed',
        message: 'kubeconfig /nowhere/config does not exist',
      },
    );
    assert.match(stderr, /^preflight failed: /);
  });

  it('warns when there are no experiments: the first may still be under review', async () => {
    const { exitCode, stderr } = await runOn({ 'README.md': 'soon\n' });

    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /warning: no experiments found; expected experiments\/<name>\/experiment\.yaml$/m);
  });

  it('says once what a legacy file means here', async () => {
    const legacy = (text: string) =>
      text
        .replace('fieldtrial.dev/v1alpha1', 'optimize.stormforge.io/v1beta2')
        .replace(/suggest:.*/, 'optimization: [{name: experimentBudget, value: "5"}]')
        .replace('{{values.cpu}}"', '{{.Values.cpu}}"')
        .replace('{{values.cpu}} ', '{{ .Values.cpu }} ');
    const { exitCode, stderr } = await runOn(aRepository(legacy), ['--dry-run']);

    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      stderr.split('\n').flatMap((line) => /\[sizing\] (experiments.*?optimization.*?: )/.exec(line)?.[1] ?? []),
      ['experiments/sizing/experiment.yaml:5: spec.optimization[0]: '],
    );
  });

  it('says that there is nothing to do, and why', async () => {
    const { exitCode, stderr } = await runOn(aRepository((text) => text.replace(/ {2}suggest:.*\n/, '')));

    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /\[sizing\] experiment is skipped: Idle: nothing is suggested/);
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
