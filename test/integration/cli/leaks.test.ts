import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import { parseJournal } from '../../../runner/slots/journal-text.ts';
import { JOURNAL_ANNOTATION } from '../../../runner/slots/slot-lease.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { experimentFile } from '../../support/definitions.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createNamespace } from '../../support/slots.ts';

/** Each is long enough that it is nowhere by chance. */
const SECRETS = {
  gitToken: 'git-token-5f0c1e',
  proxyPassword: 'proxy-pass-77aa02',
  metricToken: 'metric-token-b41d90',
  datadogKey: 'dd-api-key-02c4f7',
  datadogAppKey: 'dd-app-key-9e31b8',
  newRelicKey: 'nr-api-key-1f90aa',
  remoteToken: 'remote-token-c83e51',
  remoteClientSecret: 'client-secret-6b20dd',
};
/** As they are, and as they stand in a Basic header. */
const FORMS = [
  ...Object.values(SECRETS),
  Buffer.from(`x-access-token:${SECRETS.gitToken}`).toString('base64'),
  encodeURIComponent(SECRETS.gitToken),
].map((form) => form.replace(/=+$/, ''));

/** What a trial measures over HTTP, from a server that echoes whatever it was sent. */
function experiment(url: string): string {
  return JSON.stringify({
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'sizing' },
    spec: {
      suggest: { source: 'grid', budget: 2 },
      parameters: [{ name: 'cpu', min: 1, max: 4, baseline: 2 }],
      metrics: [{ name: 'rps', minimize: true, type: 'jsonpath', url, query: '{.rps}' }],
      trialTemplate: { spec: { approximateRuntime: '1s', timeouts: { collect: '2s' } } },
    },
  });
}

describe('what leaves the process', function () {
  this.timeout('120s');

  let sandbox: Sandbox;
  let connection: Connection;
  let remote: Remote;
  let git: GitHttpServer;
  let metrics: Server;
  let seen: string[];
  let isAccepting: boolean;
  let paths: Record<'kubeconfig' | 'token' | 'access' | 'bin' | 'log' | 'environments' | 'signingKey' | 'terminationLog', string>;
  let keyLine: string;

  beforeEach(async () => {
    sandbox = await startCluster({ kubelet: { createDelay: 0, stopDelay: 0, readyDelay: 0 } });
    seen = [];
    isAccepting = true;
    metrics = createServer((request, response) => {
      seen.push(String(request.headers.authorization));
      response.writeHead(isAccepting ? 200 : 403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ rps: 42, youSent: request.headers }));
    });
    await once(metrics.listen(0, '127.0.0.1'), 'listening');
    const { port } = metrics.address() as AddressInfo;
    remote = await createRemote({ [experimentFile('sizing')]: experiment(`http://127.0.0.1:${port}/`) });
    git = await startGitHttpServer(dirname(remote.path), `x-access-token:${SECRETS.gitToken}`);
    const at = (name: string) => join(remote.scratch, name);
    paths = {
      kubeconfig: at('kubeconfig'),
      token: at('token'),
      access: at('access.yaml'),
      bin: at('bin'),
      log: at('argv.log'),
      environments: at('env.log'),
      signingKey: at('signing'),
      terminationLog: at('termination-log'),
    };
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'fieldtrial', '-f', paths.signingKey]);
    keyLine = (await readFile(paths.signingKey, 'utf8')).split('\n')[3] ?? '';
    await writeFile(paths.token, SECRETS.gitToken);
    await writeFile(at('metric-token'), SECRETS.metricToken);
    await writeFile(
      paths.access,
      JSON.stringify({
        hosts: [`127.0.0.1:${port}`],
        credentials: [{ host: `127.0.0.1:${port}`, bearerTokenFile: at('metric-token'), plainHttp: true }],
      }),
    );
    await sandbox.kubeconfig(paths.kubeconfig);
    connection = await connectCluster({ kubeconfig: paths.kubeconfig });
    await createNamespace(connection.cluster, 'shop-1');
    await wrapPrograms();
  });
  afterEach(async () => {
    await connection.close();
    await sandbox.close();
    await git.close();
    metrics.closeAllConnections();
    await once(metrics.close(), 'close');
    await remote.cleanup();
  });

  /** Programs that tell how they were called: their arguments, and their environment. */
  async function wrapPrograms(): Promise<void> {
    await mkdir(paths.bin);
    for (const program of ['git', 'ssh-keygen']) {
      const real = (await promisify(execFile)('sh', ['-c', `command -v ${program}`])).stdout.trim();
      const tell = `{ printf 'argv ${program}'; printf ' %s' "$@"; printf '\\n'; } >> ${paths.log}; env >> ${paths.environments}`;
      await writeFile(join(paths.bin, program), `#!/bin/sh\n${tell}\nexec ${real} "$@"\n`);
      await chmod(join(paths.bin, program), 0o755);
    }
  }

  function run(env: Record<string, string> = {}): Promise<FieldtrialEnd> {
    const args = ['run', `${git.url}/remote.git`, '--slots', 'shop-1', '-n', 'default', '-o', 'json', '--push-interval', '0s'];
    const files = ['--git-signing-key', paths.signingKey, '--termination-log', paths.terminationLog];
    const flags = [...files, '--kubeconfig', paths.kubeconfig, '--git-token-file', paths.token, '--metric-access', paths.access];
    return runFieldtrial([...args, ...flags], {
      env: {
        PATH: `${paths.bin}:${process.env['PATH']}`,
        // Of another scheme than the server's, so that it is there and not gone through.
        https_proxy: `http://me:${SECRETS.proxyPassword}@127.0.0.1:9`,
        DD_API_KEY: SECRETS.datadogKey,
        DD_APP_KEY: SECRETS.datadogAppKey,
        NEW_RELIC_API_KEY: SECRETS.newRelicKey,
        FIELDTRIAL_REMOTE_TOKEN: SECRETS.remoteToken,
        FIELDTRIAL_REMOTE_CLIENT_SECRET: SECRETS.remoteClientSecret,
        ...env,
      },
    });
  }

  /** Everything that anybody else can see. */
  async function visible({ stdout, stderr }: FieldtrialEnd): Promise<Record<string, string>> {
    const leases = await connection.cluster.list({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }, AbortSignal.timeout(10_000));
    const journals = leases.items.map(({ metadata }) => parseJournal(metadata.annotations?.[JOURNAL_ANNOTATION]));
    const kinds = await Promise.all(
      [
        { apiVersion: 'v1', kind: 'Event' },
        { apiVersion: 'v1', kind: 'ConfigMap' },
        { apiVersion: 'v1', kind: 'Pod' },
        { apiVersion: 'batch/v1', kind: 'Job' },
      ].map((kind) => connection.cluster.list(kind, AbortSignal.timeout(10_000))),
    );
    return {
      stdout,
      stderr,
      arguments: await readFile(paths.log, 'utf8'),
      // Git's own access is the one that git has to have, and it has it by these variables; proxies it needs as they are.
      environments: (await readFile(paths.environments, 'utf8')).replaceAll(/^(GIT_CONFIG_VALUE_\d+|https_proxy)=.*$/gm, '$1'),
      'termination log': await readFile(paths.terminationLog, 'utf8'),
      'objects in the cluster': JSON.stringify(kinds),
      'commits and records': await remote.git('log', '--all', '--patch', '--format=raw'),
      'Leases and journals': JSON.stringify([leases, journals]),
    };
  }

  function assertNoSecret(places: Record<string, string>): void {
    for (const [place, text] of Object.entries(places)) {
      assert.notEqual(text, '', `${place} is empty: nothing was looked at`);
      for (const form of [...FORMS, keyLine]) assert.ok(!text.includes(form), `${form} is in ${place}`);
    }
  }

  it('has no secret in it when all goes well, though a metric server echoes what it is sent', async () => {
    const end = await run();

    assert.equal(end.exitCode, 0, end.stderr);
    assert.ok(seen.includes(`Bearer ${SECRETS.metricToken}`), 'the token was sent');
    const places = await visible({ ...end, stderr: `${end.stderr} ` });
    assert.match(places['arguments'] ?? '', /^argv git push .*\/remote\.git/m);
    assert.match(places['arguments'] ?? '', /^argv ssh-keygen -Y sign/m);
    assert.match(places['commits and records'] ?? '', /phase: Completed/);
    assertNoSecret(places);
  });

  it('has none when a metric is refused by a server that echoes it', async () => {
    isAccepting = false;

    const end = await run();

    const places = await visible({ ...end, stderr: `${end.stderr} ` });
    assert.match(places['commits and records'] ?? '', /reason: MetricFailed/);
    assertNoSecret(places);
  });

  it('has none when the push is refused with the words of a server that knows the token, and the journal keeps the records', async () => {
    // The first push creates the branch and is let through; records come later.
    const isThere = 'git rev-parse --quiet --verify refs/heads/fieldtrial/results';
    await remote.hook('pre-receive', `${isThere} > /dev/null || exit 0; echo "token ${SECRETS.gitToken} is not welcome"; exit 1`);

    const end = await run({ FIELDTRIAL_MAX_TRIALS: '1' });

    const places = await visible(end);
    assert.equal(end.exitCode, 7, end.stderr);
    assert.match(places['Leases and journals'] ?? '', /"owed":\[\{/);
    assertNoSecret(places);
  });

  it('has none when the token is wrong', async () => {
    git.login = 'x-access-token:another';

    const end = await run();

    assert.equal(end.exitCode, 4);
    assertNoSecret({ stdout: end.stdout, stderr: end.stderr, arguments: await readFile(paths.log, 'utf8') });
  });
});
