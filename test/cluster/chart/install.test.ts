import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../../../scripts/example/project.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { kubectl, toolsFolder } from '../../support/kubectl.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { commandsOf } from './installation-page.ts';

const REPOSITORY = 'https://git.example/experiments.git';
const TOKEN = 'the-token-of-the-runner';

/** Commands of which the test cluster has its own kind: it is there already, and so is the image. */
const OF_KIND = /^(kind|docker) /;

describe('a reader of docs/install.md', function () {
  this.timeout('10m');

  let cluster: TestCluster;
  let remote: Remote;
  let server: GitHttpServer;
  let folder: string;
  let url: string;
  /** What each command printed, in order. */
  let said: { command: string; output: string }[];

  before(async () => {
    cluster = await startCluster('node');
    const image = await cluster.runnerImage();
    remote = await createRemote({ 'README.md': 'The experiments of the shop.\n' });
    server = await startGitHttpServer(dirname(remote.path), `x-access-token:${TOKEN}`, { host: cluster.hostAddress! });
    url = `${server.url}/remote.git`;
    folder = await checkoutWith(image);
    said = [];
    for (const command of await commandsOf('install.md', 'On kind')) {
      if (!OF_KIND.test(command)) said.push({ command, output: await type(command.replaceAll(REPOSITORY, url)) });
    }
  });
  after(async () => {
    await server?.close();
    await cluster?.stop();
    await remote?.cleanup();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  /** What the reader has before the first command: a clone of this project with their own values, and the token. */
  async function checkoutWith(image: string): Promise<string> {
    const clone = await mkdtemp(join(tmpdir(), 'fieldtrial-install-'));
    for (const path of ['charts', 'experiments', 'templates']) await cp(join(PROJECT, path), join(clone, path), { recursive: true });
    const values = 'docs/examples/installation/kind.yaml';
    const [repository = '', tag = ''] = image.split(':');
    const text = (await readFile(join(PROJECT, values), 'utf8')).replace(REPOSITORY, url);
    await mkdir(join(clone, dirname(values)), { recursive: true });
    await writeFile(join(clone, values), `${text}\nimage: {repository: ${repository}, tag: ${tag}}\n`);
    await writeFile(join(clone, 'token'), `${TOKEN}\n`);
    return clone;
  }

  async function type(command: string): Promise<string> {
    const basic = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
    const env = {
      PATH: `${await toolsFolder()}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      KUBECONFIG: cluster.kubeconfig,
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${server.url}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    };
    try {
      const { stdout, stderr } = await promisify(execFile)('bash', ['-ec', command], { cwd: folder, env });
      return stdout + stderr;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      const pods = await kubectl(cluster.kubeconfig, 'describe', 'pods', '--namespace', 'fieldtrial');
      const logs = await kubectl(
        cluster.kubeconfig,
        'logs',
        '--namespace',
        'fieldtrial',
        '--selector',
        'app.kubernetes.io/name=fieldtrial',
      );
      throw new Error(`$ ${command}\n${stdout}${stderr}\n${pods}\n${logs}`, { cause: error });
    }
  }

  function outputOf(begin: string): string {
    return said.find(({ command }) => command.startsWith(begin))?.output ?? assert.fail(`no command begins with ${begin}`);
  }

  it('finds every command of the page at work', () => {
    assert.equal(said.length, 15);
  });

  it('is told by helm what to do next', () => {
    assert.match(outputOf('helm install'), /helm test --namespace fieldtrial --logs fieldtrial/);
  });

  it('sees by helm test what would run, and that nothing is missing', () => {
    assert.match(outputOf('helm test'), /dry run: nothing was changed; cache-sizing would run in cache-1/);
  });

  it('reads in the log that two trials have run, and that the other experiments have no slot', () => {
    const log = outputOf('kubectl logs');

    assert.match(log, /^cache-sizing +2 +0 +/m);
    assert.match(log, /\[compression\] experiment is skipped: NoSlot/);
  });

  it('finds the trials in git', () => {
    assert.match(outputOf('git -C experiments-repository log'), /cache-sizing-002: /);
    assert.match(outputOf('git -C experiments-repository show'), /^ +phase: Completed$/m);
  });

  it('finds how the run ended in the termination message of its pod', async () => {
    const path = '--output=jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}';

    const message = await kubectl(cluster.kubeconfig, 'get', 'pods', '-n', 'fieldtrial', '--selector', 'job-name=fieldtrial-now', path);

    assert.match(message, /^trials: 2, failed: 0\nEXPERIMENT/m);
  });

  it('leaves the slot and its results behind when the release goes', async () => {
    await type('helm uninstall fieldtrial --namespace fieldtrial');

    assert.match(await kubectl(cluster.kubeconfig, 'get', 'namespace', 'cache-1'), /Active/);
    assert.equal(await kubectl(cluster.kubeconfig, 'get', 'roles', '--namespace', 'cache-1', '--output', 'name'), '');
  });
});
