import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PROJECT } from '../../scripts/example/project.ts';
import { createNamespace, deleteSlot } from '../support/slots.ts';
import { endOf, runPod, startPod, type PodEnd } from './run-pod.ts';
import { openStage, RESTRICTED, type Stage } from './stage.ts';

const NAMESPACE = 'image';

describe('the image', function () {
  this.timeout('10m');

  let stage: Stage;
  let manifest: { version: string; dependencies: Record<string, string>; devDependencies: Record<string, string> };

  before(async () => {
    manifest = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8'));
    stage = await openStage();
    await createNamespace(stage.cluster, NAMESPACE, RESTRICTED);
  });

  after(async () => {
    if (stage !== undefined) await deleteSlot(stage.cluster, NAMESPACE);
  });

  it('starts the program as process 1 and as a user who is nobody', () => {
    const { User, Entrypoint, Cmd } = stage.image.config;

    assert.deepEqual(
      { User, Entrypoint, Cmd },
      { User: '65532:65532', Entrypoint: ['node', '/opt/fieldtrial/bin/fieldtrial.js'], Cmd: ['--help'] },
    );
  });

  it('is labelled with what it is, of the version of package.json', () => {
    const { Labels } = stage.image.config;

    const prefix = 'org.opencontainers.image.';
    assert.equal(Labels[`${prefix}title`], 'fieldtrial');
    assert.equal(Labels[`${prefix}version`], manifest.version);
    assert.equal(Labels[`${prefix}licenses`], 'Apache-2.0');
    assert.match(Labels[`${prefix}revision`] ?? '', /^[0-9a-f]{40}$/);
  });

  it('shows its help when it is asked nothing', async () => {
    const { exitCode, log } = await run('help');

    assert.equal(exitCode, 0, log);
    assert.match(log, /^Usage: fieldtrial \[options\] \[command\]/);
  });

  it('is called by its name in setup Jobs', async () => {
    const { exitCode, log } = await run('by-name', { command: ['fieldtrial', 'version'] });

    assert.equal(exitCode, 0, log);
    assert.equal(log.trim(), manifest.version);
  });

  it('has git, ssh and helm, and nothing that installs packages of Node', async () => {
    const look = 'git --version; ssh -V 2>&1; helm version --short; for each in npm npx corepack yarn; do command -v $each; done; true';

    const { exitCode, log } = await run('tools', shell(look));

    assert.equal(exitCode, 0, log);
    const lines = log.trim().split('\n');
    assert.deepEqual(
      lines.map((line, index) => [/^git version /, /^OpenSSH_/, /^v4\./][index]?.test(line)),
      [true, true, true],
      log,
    );
  });

  it('knows the authorities of public servers', async () => {
    const { log } = await run('authorities', shell('grep -c BEGIN /etc/ssl/certs/ca-certificates.crt'));

    assert.ok(Number(log) > 100, log);
  });

  it('writes nowhere but in /tmp', async () => {
    const attempt =
      'for each in / /opt/fieldtrial /etc /var/lib "$HOME"; do touch "$each/written" 2> /dev/null && echo "$each"; done; true';

    const { log } = await run('writes', shell(attempt));

    assert.equal(log.trim(), '/tmp');
  });

  it('tells of every package that it is made of, and of none that only built it', async () => {
    const { log } = await run('sbom', shell('cat /opt/fieldtrial/sbom.spdx.json'));

    const { spdxVersion, packages } = JSON.parse(log) as { spdxVersion: string; packages: { name: string; versionInfo: string }[] };
    const listed = new Map(packages.map(({ name, versionInfo }) => [name, versionInfo]));
    assert.equal(spdxVersion, 'SPDX-2.3');
    assert.equal(listed.get('fieldtrial'), manifest.version);
    assert.deepEqual(
      Object.keys(manifest.dependencies).map((name) => [name, listed.get(name)]),
      Object.entries(manifest.dependencies),
    );
    // The client depends on types, as far as npm knows.
    const tools = Object.keys(manifest.devDependencies).filter((name) => !name.startsWith('@types/'));
    assert.deepEqual(
      tools.filter((name) => listed.has(name)),
      [],
    );
  });

  it('ends by SIGTERM as process 1, with its own exit code', async () => {
    // A git server that never answers: the run is under way until it is told to end.
    const silent = createServer();
    await once(silent.listen(0, stage.test.hostAddress), 'listening');
    const asked = once(silent, 'connection');
    const { port } = silent.address() as AddressInfo;
    try {
      const pod = await startPod(stage.cluster, named('told'), { args: ['run', `http://${stage.test.hostAddress}:${port}/shop.git`] });
      await asked;

      const ended = endOf(stage.cluster, pod);
      await stage.cluster.remove({ apiVersion: 'v1', kind: 'Pod', name: 'told', namespace: NAMESPACE }, {}, AbortSignal.timeout(30_000));

      assert.equal(await ended, 143);
    } finally {
      silent.close();
    }
  });

  function run(name: string, container?: Parameters<typeof runPod>[2]): Promise<PodEnd> {
    return runPod(stage.cluster, named(name), container);
  }

  function named(name: string) {
    return { namespace: NAMESPACE, name, image: stage.image.name };
  }
});

function shell(script: string) {
  return { command: ['sh', '-c', script] };
}
