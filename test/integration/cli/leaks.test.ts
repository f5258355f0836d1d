import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { dump, load } from 'js-yaml';
import type { CommandContext } from '../../../runner/cli/command-context.ts';
import { openOutput } from '../../../runner/cli/output.ts';
import { rehearseCommand } from '../../../runner/cli/rehearse-command.ts';
import { setupCommand } from '../../../runner/cli/setup-command.ts';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import { redactor } from '../../../runner/progress/redact.ts';
import { parseJournal } from '../../../runner/slots/journal-text.ts';
import { JOURNAL_ANNOTATION } from '../../../runner/slots/slot-lease.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import type { StoredObject } from '../../../sandbox/store.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { experimentFile } from '../../support/definitions.ts';
import { startExperimentsServer, type ExperimentsServer } from '../../support/experiments-api/start-experiments-server.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, type Files, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createSlot } from '../../support/slots.ts';
import { tellingPrograms, type TellingPrograms } from '../../support/telling-programs.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';
import { serveEchoes, type EchoServers } from '../metrics/serve-echoes.ts';

/** Each is long enough that it is nowhere by chance. */
const SECRETS = {
  gitToken: 'git-token-5f0c1e',
  proxyPassword: 'proxy-pass-77aa02',
  metricToken: 'metric-token-b41d90',
  metricPassword: 'metric-pass-3d7a55',
  metricHeader: 'metric-header-d0e6b1',
  datadogKey: 'dd-api-key-02c4f7',
  datadogAppKey: 'dd-app-key-9e31b8',
  newRelicKey: 'nr-api-key-1f90aa',
  remoteToken: 'remote-token-c83e51',
  remoteClientSecret: 'client-secret-6b20dd',
  /** What the Experiments API gives out for the audience below. */
  accessToken: 'token-1-for-audience-1c77e0',
  clusterToken: 'cluster-token-4ad9c2',
  /** What a Secret in the slots holds, and what a patch makes of it. */
  slotPassword: 'slot-pass-90be3f',
  renderedPassword: 'rendered-2-pass-8c1fd4',
};
const LOGINS = [`x-access-token:${SECRETS.gitToken}`, `me:${SECRETS.metricPassword}`];
/** As they are, in base64 as in Secrets, and as they stand in a Basic header. */
const FORMS = [
  ...Object.values(SECRETS),
  ...[...Object.values(SECRETS), ...LOGINS].map((text) => Buffer.from(text).toString('base64')),
  encodeURIComponent(SECRETS.gitToken),
].map((form) => form.replace(/=+$/, ''));

const CLIENT = { id: 'runner', secret: SECRETS.remoteClientSecret };
const SLOTS = ['shop-1', 'shop-2', 'shop-3', 'shop-4', 'shop-5', 'shop-6'];
const NEVER = new AbortController().signal;

/** One for each metric server, one whose trial uses and patches a Secret, and one of the remote API. One trial each. */
function definitions({ jsonpath, prometheus, datadog, newrelic }: EchoServers): Files {
  const secretKeyRef = { name: 'login', key: 'password' };
  const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef } }];
  const container = { name: 'load', image: 'load', env, volumeMounts: [{ name: 'login', mountPath: '/login' }] };
  const pod = { containers: [container], volumes: [{ name: 'login', secret: { secretName: 'login' } }] };
  const specs = {
    jsonpath: { metrics: [{ name: 'm', minimize: true, type: 'jsonpath', url: jsonpath.url, query: '{.value}' }] },
    prometheus: {
      metrics: [{ name: 'm', minimize: true, type: 'prometheus', url: prometheus.url, query: 'scalar(m)', scrapeCheck: 'none' }],
    },
    datadog: { metrics: [{ name: 'm', minimize: true, type: 'datadog', url: datadog.url, query: 'avg:m{*}', delay: '0s' }] },
    newrelic: { metrics: [{ name: 'm', minimize: true, type: 'newrelic', url: newrelic.url, query: 'SELECT 1', delay: '0s' }] },
    login: {
      metrics: [{ name: 'm', minimize: true, query: '{{values.cpu}}' }],
      patches: [{ targetRef: { apiVersion: 'v1', kind: 'Secret', name: 'login' }, patch: RENDERED }],
      trialTemplate: {
        spec: { setupTasks: [{ name: 'seed', image: 'seed', env, skipDelete: true }], jobTemplate: { spec: { template: { spec: pod } } } },
      },
    },
    remote: { suggest: { source: 'remote', budget: 1 }, metrics: [{ name: 'm', minimize: true, query: '{{values.cpu}}' }] },
  };
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [experimentFile(name), experiment(name, spec)]));
}

const RENDERED = 'stringData: {password: "rendered-{{values.cpu}}-pass-8c1fd4"}';

function experiment(name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      suggest: { source: 'grid', budget: 1 },
      parameters: [{ name: 'cpu', min: 1, max: 4, baseline: 2 }],
      trialTemplate: { spec: { approximateRuntime: '1s', timeouts: { collect: '2s' } } },
      ...spec,
    },
  });
}

/** In the place of a server behind a line: what ssh was to run there, with nothing of the runner's environment. */
const SSH = 'for last; do :; done; exec env -i PATH="$REAL_PATH" HOME=/nonexistent sh -c "$last"';

describe('what leaves the process', function () {
  this.timeout('120s');

  let sandbox: Sandbox;
  let connection: Connection;
  let remote: Remote;
  let git: GitHttpServer;
  let metrics: EchoServers;
  let api: ExperimentsServer;
  let programs: TellingPrograms;
  let paths: Record<'kubeconfig' | 'token' | 'access' | 'signingKey' | 'sshKey' | 'knownHosts' | 'clientSecret' | 'terminationLog', string>;
  let keyLines: string[];
  /** Every state of every object but Secrets, also of those that are gone when a run ends. */
  let changed: StoredObject[];

  beforeEach(async () => {
    sandbox = await startCluster({ kubelet: { createDelay: 0, stopDelay: 0, readyDelay: 0, jobDuration: 20 } });
    metrics = await serveEchoes();
    api = await startExperimentsServer({ client: CLIENT });
    remote = await createRemote(definitions(metrics));
    git = await startGitHttpServer(dirname(remote.path), `x-access-token:${SECRETS.gitToken}`);
    const at = (name: string) => join(remote.scratch, name);
    paths = {
      kubeconfig: at('kubeconfig'),
      token: at('token'),
      access: at('access.yaml'),
      signingKey: at('signing'),
      sshKey: at('ssh-key'),
      knownHosts: at('known-hosts'),
      clientSecret: at('client-secret'),
      terminationLog: at('termination-log'),
    };
    keyLines = await Promise.all([paths.signingKey, paths.sshKey].map(makeKey));
    await writeFile(paths.knownHosts, '');
    await writeFile(paths.token, SECRETS.gitToken);
    await writeFile(paths.clientSecret, SECRETS.remoteClientSecret);
    await writeMetricAccess(at);
    await sandbox.kubeconfig(paths.kubeconfig);
    const kubeconfig = await readFile(paths.kubeconfig, 'utf8');
    await writeFile(paths.kubeconfig, kubeconfig.replace('user: {}', `user: { token: ${SECRETS.clusterToken} }`));
    connection = await connectCluster({ kubeconfig: paths.kubeconfig });
    await Promise.all(SLOTS.map(createSlotWithSecret));
    changed = [];
    sandbox.store.subscribe(({ object }) => void (object.kind !== 'Secret' && changed.push(object)));
    programs = await tellingPrograms(at('bin'), { git: undefined, 'ssh-keygen': undefined, ssh: SSH });
  });
  afterEach(async () => {
    await connection.close();
    await sandbox.close();
    await git.close();
    await metrics.close();
    await api.close();
    await remote.cleanup();
  });

  /** Resolves with a line of the private key that tells it from all others. */
  async function makeKey(file: string): Promise<string> {
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'fieldtrial', '-f', file]);
    return (await readFile(file, 'utf8')).split('\n')[3] ?? '';
  }

  async function writeMetricAccess(at: (name: string) => string): Promise<void> {
    await writeFile(at('metric-token'), SECRETS.metricToken);
    await writeFile(at('metric-password'), SECRETS.metricPassword);
    await writeFile(at('metric-header'), SECRETS.metricHeader);
    const { jsonpath, prometheus, datadog, newrelic } = metrics;
    const basic = { username: 'me', passwordFile: at('metric-password') };
    const credentials = [
      { host: jsonpath.host, bearerTokenFile: at('metric-token') },
      { host: prometheus.host, basic, headerFiles: { 'X-Gate': at('metric-header') } },
      { host: datadog.host, apiKeys: 'datadog' },
      { host: newrelic.host, apiKeys: 'newrelic' },
    ].map((each) => ({ ...each, plainHttp: true }));
    await writeFile(paths.access, JSON.stringify({ hosts: credentials.map(({ host }) => host), credentials }));
  }

  async function createSlotWithSecret(namespace: string): Promise<void> {
    await createSlot(connection.cluster, namespace);
    const data = { password: Buffer.from(SECRETS.slotPassword).toString('base64') };
    await connection.cluster.create(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login', namespace }, data },
      AbortSignal.timeout(10_000),
    );
  }

  function environment(): Record<string, string> {
    return {
      PATH: programs.path,
      // Of another scheme than the servers', so that it is there and not gone through.
      https_proxy: `http://me:${SECRETS.proxyPassword}@127.0.0.1:9`,
      DATADOG_API_KEY: SECRETS.datadogKey,
      DD_APP_KEY: SECRETS.datadogAppKey,
      NEW_RELIC_API_KEY: SECRETS.newRelicKey,
      NEW_RELIC_ACCOUNT_ID: '1',
      FIELDTRIAL_REMOTE_TOKEN: SECRETS.remoteToken,
      FIELDTRIAL_REMOTE_CLIENT_SECRET: SECRETS.remoteClientSecret,
    };
  }

  const overHttp = () => [`${git.url}/remote.git`, '--git-token-file', paths.token];
  const overSsh = () => [`ssh://git@git.example${remote.path}`, '--git-ssh-key', paths.sshKey, '--git-known-hosts', paths.knownHosts];
  const askingTheApi = () => ['--remote-url', api.url, '--remote-client-id', CLIENT.id, '--remote-audience', 'audience-1c77e0'];

  function run(args: string[], env: Record<string, string> = {}): Promise<FieldtrialEnd> {
    const flags = ['-n', 'default', '-o', 'json', '--push-interval', '0s', '--kubeconfig', paths.kubeconfig];
    const files = ['--git-signing-key', paths.signingKey, '--termination-log', paths.terminationLog, '--metric-access', paths.access];
    return runFieldtrial(['run', ...args, ...flags, ...files], { env: { ...environment(), ...env } });
  }

  /** A run that asks the remote API, whose client is given by flags alone. */
  function runWithApi(args: string[]): Promise<FieldtrialEnd> {
    const client = [...askingTheApi(), '--remote-client-secret-file', paths.clientSecret];
    return run([...args, ...client, '--slots', SLOTS.join()], { FIELDTRIAL_REMOTE_TOKEN: '', FIELDTRIAL_REMOTE_CLIENT_SECRET: '' });
  }

  /** Everything that anybody else can see. */
  async function visible({ stdout, stderr }: FieldtrialEnd): Promise<Record<string, string>> {
    const leases = changed.filter(({ kind }) => kind === 'Lease');
    const journals = leases.map(({ metadata }) => parseJournal(metadata.annotations?.[JOURNAL_ANNOTATION]));
    return {
      stdout,
      // A run that went well may have said nothing.
      stderr: `stderr: ${stderr}`,
      arguments: await programs.arguments(),
      environments: await foreignEnvironments(),
      'termination log': await readFile(paths.terminationLog, 'utf8'),
      'objects in the cluster': JSON.stringify(changed.filter(({ kind }) => kind !== 'Lease')),
      'commits and records': await remote.git('log', '--all', '--patch', '--format=raw'),
      // The rendered patches of a trial are in its slot's journal, so that another runner can go on with them.
      'Leases and journals': JSON.stringify([leases, journals]).replaceAll(SECRETS.renderedPassword, 'rendered'),
    };
  }

  /** Git's own access is the one that git has to have, and it has it by these variables; proxies it needs as they are. */
  async function foreignEnvironments(): Promise<string> {
    return (await programs.environments()).replaceAll(/^(GIT_CONFIG_VALUE_\d+|https_proxy)=.*$/gm, '$1');
  }

  /** Of the first trial of each experiment, by its name: why it failed, or its phase. */
  async function outcomes(): Promise<(string | undefined)[]> {
    const records = (await remote.list('fieldtrial/results')).filter((path) => path.endsWith('/trials/001.yaml'));
    const texts = await Promise.all(records.map((path) => remote.read('fieldtrial/results', path)));
    return texts.map((text) => (/reason: \w+Failed/.exec(text) ?? /phase: \w+/.exec(text))?.[0]);
  }

  function assertNoSecret(places: Record<string, string>): void {
    for (const [place, text] of Object.entries(places)) {
      assert.notEqual(text, '', `${place} is empty: nothing was looked at`);
      for (const form of [...FORMS, ...keyLines]) assert.ok(!text.includes(form), `${form} is in ${place}: ${around(text, form)}`);
    }
  }

  function around(text: string, form: string): string {
    const index = text.indexOf(form);
    return text.slice(Math.max(0, index - 200), index + 50);
  }

  function assertAllWereAsked(): void {
    const sent = Object.values(metrics).flatMap((server) =>
      typeof server === 'object' ? server.requests.map(({ headers }) => headers) : [],
    );
    const text = JSON.stringify([...sent, ...api.headers]);
    for (const secret of ['metricToken', 'metricHeader', 'datadogKey', 'datadogAppKey', 'newRelicKey', 'accessToken'] as const)
      assert.ok(text.includes(SECRETS[secret]), `the ${secret} was sent`);
    assert.ok(text.includes(`Basic ${Buffer.from(`me:${SECRETS.metricPassword}`).toString('base64')}`), 'the password was sent');
  }

  it('has no secret in it when all goes well, though metric servers echo what they are sent', async () => {
    const end = await runWithApi(overHttp());

    assert.equal(end.exitCode, 0, end.stderr + end.stdout);
    const places = await visible(end);
    assertAllWereAsked();
    assert.match(places['arguments'] ?? '', /^argv git push .*\/remote\.git/m);
    assert.match(places['arguments'] ?? '', /^argv ssh-keygen -Y sign/m);
    assert.match(places['environments'] ?? '', /^GIT_CONFIG_VALUE_0$/m);
    assert.deepEqual(
      await outcomes(),
      Array.from({ length: 6 }, () => 'phase: Completed'),
    );
    assert.match(places['objects in the cluster'] ?? '', /secretKeyRef/);
    const { items } = await connection.cluster.list({ apiVersion: 'v1', kind: 'Secret' }, AbortSignal.timeout(10_000));
    assert.ok(JSON.stringify(items).includes(Buffer.from(SECRETS.renderedPassword).toString('base64')), 'the Secret was patched');
    assertNoSecret(places);
  });

  it('has none when metrics, a patch and the next trial are refused by servers that echo what they are sent, over SSH', async () => {
    metrics.isAccepting = false;
    const words = `no more for ${SECRETS.accessToken} of ${SECRETS.remoteClientSecret}`;
    api.fault('POST /v1/experiments/remote/next-trial', { effect: 'refuse', status: 410, error: words }, Infinity);
    const message = `${SECRETS.renderedPassword} is too weak`;
    sandbox.faults.add({ verb: 'patch', resource: 'secrets', effect: 'refuse', code: 422, reason: 'Invalid', message, times: Infinity });

    const end = await runWithApi(overSsh());

    const places = await visible(end);
    assertAllWereAsked();
    assert.match(places['arguments'] ?? '', new RegExp(`^argv ssh .*-i ${paths.sshKey} .* git-receive-pack `, 'm'));
    assert.deepEqual(
      await outcomes(),
      ['Metric', 'Metric', 'Patch', 'Metric', 'Metric'].map((stage) => `reason: ${stage}Failed`),
    );
    assert.match(places['commits and records'] ?? '', /\*\*\* is too weak/);
    assert.match(places['commits and records'] ?? '', /no more for \*\*\* of \*\*\*/);
    assertNoSecret(places);
  });

  it('has none when the push is refused with the words of a server that knows the bearer token, and the journal keeps the records', async () => {
    git.login = `Bearer ${SECRETS.gitToken}`;
    // The first push creates the branch and is let through; records come later.
    const isThere = 'git rev-parse --quiet --verify refs/heads/fieldtrial/results';
    await remote.hook('pre-receive', `${isThere} > /dev/null || exit 0; echo "token ${SECRETS.gitToken} is not welcome"; exit 1`);

    const end = await run([...overHttp(), '--slots', 'shop-1', '--git-auth', 'bearer'], { FIELDTRIAL_MAX_TRIALS: '1' });

    const places = await visible(end);
    assert.equal(end.exitCode, 7, end.stderr);
    assert.match(places['Leases and journals'] ?? '', /"owed":\[\{/);
    assertNoSecret(places);
  });

  it('has none when the token is wrong', async () => {
    git.login = 'x-access-token:another';

    const end = await run([...overHttp(), '--slots', 'shop-1']);

    assert.equal(end.exitCode, 4);
    assertNoSecret({ stdout: end.stdout, stderr: end.stderr, arguments: await programs.arguments() });
  });
});

/** What a chart needs of helm in a rehearsal, and a setup task whose helm fails with whatever its environment has. */
const HELM = `case "$1" in
version) echo v3.0.0 ;;
template) echo '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}' ;;
list) echo '[]' ;;
*) env >&2; exit 1 ;;
esac`;

describe('what helm is given', () => {
  let folder: WorkingFolder;
  let programs: TellingPrograms;
  let written: string;

  beforeEach(async () => {
    written = '';
    folder = await createWorkingFolder({
      [experimentFile('sizing')]: experiment('sizing', {
        metrics: [{ name: 'm', minimize: true, query: '{{values.cpu}}' }],
        trialTemplate: { spec: { approximateRuntime: '1s', setupTasks: [{ name: 'db', helmChart: 'charts/db' }] } },
      }),
      'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
    });
    programs = await tellingPrograms(join(folder.path, '.bin'), { helm: HELM });
  });
  afterEach(() => folder.cleanup());

  function context(more: Record<string, string>): CommandContext {
    const stream = { write: (text: string) => void (written += text) };
    return {
      output: openOutput({ stdout: stream, stderr: stream }, redactor),
      input: { stream: Readable.from([]), isTerminal: false },
      cwd: folder.path,
      signal: NEVER,
      environment: {
        PATH: programs.path,
        https_proxy: `http://me:${SECRETS.proxyPassword}@127.0.0.1:9`,
        HELM_REGISTRY_CONFIG: '/registry.json',
        DATADOG_API_KEY: SECRETS.datadogKey,
        DD_APP_KEY: SECRETS.datadogAppKey,
        NEW_RELIC_API_KEY: SECRETS.newRelicKey,
        FIELDTRIAL_GIT_TOKEN: SECRETS.gitToken,
        FIELDTRIAL_REMOTE_TOKEN: SECRETS.remoteToken,
        FIELDTRIAL_REMOTE_CLIENT_SECRET: SECRETS.remoteClientSecret,
        ...more,
      },
    };
  }

  async function assertWithoutSecrets(): Promise<void> {
    const environments = await programs.environments();
    assert.match(environments, new RegExp(`^https_proxy=http://me:${SECRETS.proxyPassword}@`, 'm'));
    assert.match(environments, /^HELM_REGISTRY_CONFIG=\/registry\.json$/m);
    const others = environments.replaceAll(/^https_proxy=.*$/gm, '');
    for (const form of FORMS) {
      for (const [place, text] of Object.entries({ others, written, arguments: await programs.arguments() }))
        assert.ok(!text.includes(form), `${form} is in ${place}`);
    }
  }

  it('are proxies and its own settings, and no secret of the runner, in a rehearsal', async () => {
    const code = await rehearseCommand([], { trials: 1, output: 'markdown' }, context({}));

    assert.equal(code, 0, written);
    assert.match(await programs.arguments(), /^argv helm template db /m);
    await assertWithoutSecrets();
  });

  it('are the same in a setup task, which does not tell the password of a proxy that helm complains of', async () => {
    const chart = { from: 'registry', chart: 'oci://registry.example/db' };
    const order = {
      type: 'helm',
      release: 'db',
      chart,
      values: [],
      valuesFolders: [],
      labels: {},
      timeoutSeconds: { create: 5, delete: 5 },
    };
    await folder.write({ 'order/db.json': JSON.stringify(order) });
    const sandbox = await startCluster();
    await sandbox.kubeconfig(join(folder.path, 'kubeconfig'));
    try {
      const task = { MODE: 'create', NAME: 'db', NAMESPACE: 'default', KUBECONFIG: join(folder.path, 'kubeconfig') };

      const code = await setupCommand({ folder: join(folder.path, 'order') }, context(task));

      assert.equal(code, 1, written);
      assert.match(written, /^https_proxy=http:\/\/me:\*\*\*@/m);
      await assertWithoutSecrets();
    } finally {
      await sandbox.close();
    }
  });
});

describe("what a kubeconfig's credential plugin is given", () => {
  it('is the environment without the secrets of the runner', async () => {
    const folder = await createWorkingFolder();
    const sandbox = await startCluster();
    try {
      const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'a-token' } };
      const programs = await tellingPrograms(join(folder.path, '.bin'), { login: `echo '${JSON.stringify(credential)}'` });
      const kubeconfig = join(folder.path, 'kubeconfig');
      await sandbox.kubeconfig(kubeconfig);
      const config = load(await readFile(kubeconfig, 'utf8')) as { users: { user: object }[] };
      const { apiVersion } = credential;
      config.users[0]!.user = { exec: { apiVersion, command: join(folder.path, '.bin', 'login'), interactiveMode: 'Never' } };
      await writeFile(kubeconfig, dump(config));
      const secrets = { FIELDTRIAL_GIT_TOKEN: SECRETS.gitToken, DD_API_KEY: SECRETS.datadogKey, DATADOG_APP_KEY: SECRETS.datadogAppKey };

      const end = await runFieldtrial(['slots', '--kubeconfig', kubeconfig], { env: { ...secrets, AWS_PROFILE: 'trials' } });

      const environment = await programs.environments();
      assert.equal(end.exitCode, 0, end.stderr);
      assert.match(environment, /^AWS_PROFILE=trials$/m);
      assert.doesNotMatch(environment, /^FIELDTRIAL_|_KEY=/m);
    } finally {
      await sandbox.close();
      await folder.cleanup();
    }
  });
});
