import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scheduler } from 'node:timers/promises';
import { BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { startCluster, testCluster, type TestCluster } from './harness/cluster.ts';

describe('the cluster for tests', function () {
  this.timeout('5m');

  it('starts a control plane that answers, and leaves nothing behind when it stops', async () => {
    const cluster = await startCluster('control-plane');

    const namespaces = await api(cluster, CoreV1Api).listNamespace();
    await cluster.stop();

    assert.ok(namespaces.items.some(({ metadata }) => metadata?.name === 'default'));
    assert.equal(existsSync(dirname(cluster.kubeconfig)), false);
  });

  it('finishes a Job on simulated nodes', async () => {
    const cluster = await startCluster('fake-nodes', { fakeNodes: 2 });
    try {
      await createJob(cluster, ['true']);

      const phase = await finishedPhase(cluster);

      assert.equal(phase, 'Succeeded');
    } finally {
      await cluster.stop();
    }
  });

  it('runs a Job on a node, whose pod reaches a server of this process', async () => {
    const cluster = await startCluster('node');
    const server = createServer((request, response) => response.end(`asked for ${request.url}`));
    try {
      await once(server.listen(0, cluster.hostAddress), 'listening');
      const { port } = server.address() as AddressInfo;
      await createJob(cluster, ['wget', '-q', '-O', '-', `http://${cluster.hostAddress}:${port}/hello`]);

      const phase = await finishedPhase(cluster);

      assert.equal(phase, 'Succeeded');
      assert.equal(await podLog(cluster), 'asked for /hello');
    } finally {
      server.close();
      await cluster.stop();
    }
  });

  it('starts two side by side, each with a node, and leaves no process, mount, route or interface of either', async () => {
    const before = network();
    const clusters = await Promise.all([startCluster('node'), startCluster('node')]);
    const folders = clusters.map(({ kubeconfig }) => dirname(kubeconfig));
    try {
      await Promise.all(clusters.map((cluster) => createJob(cluster, ['true'])));

      assert.deepEqual(await Promise.all(clusters.map(finishedPhase)), ['Succeeded', 'Succeeded']);
      assert.notDeepEqual(network(), before);
      assert.notEqual(processesAndMounts(folders).length, 0);
    } finally {
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    }

    assert.deepEqual(
      network().filter((line) => !before.includes(line)),
      [],
    );
    assert.deepEqual(processesAndMounts(folders), []);
  });

  it('uses the cluster that TEST_KUBECONFIG names and does not stop it', async () => {
    const running = await startCluster('control-plane');
    try {
      const cluster = await testCluster('node', {}, { ...process.env, TEST_KUBECONFIG: running.kubeconfig });
      await cluster.stop();

      assert.equal(cluster.kubeconfig, running.kubeconfig);
      assert.ok((await api(cluster, CoreV1Api).listNamespace()).items.length > 0);
    } finally {
      await running.stop();
    }
  });

  it('refuses to load images into a cluster that the harness did not start', async () => {
    const cluster = await testCluster('node', {}, { TEST_KUBECONFIG: '/nowhere/kubeconfig' });

    const loading = cluster.runnerImage();

    await assert.rejects(loading, /Images cannot be loaded into the cluster of \/nowhere\/kubeconfig/);
  });

  it('says everything that is missing at once', async () => {
    const path = await folderWithPrograms(['bash', 'cat', 'cut', 'dirname', 'id', 'sed', 'sha256sum', 'sort', 'tail']);
    try {
      const starting = startCluster('node', {}, { HOME: path, PATH: path });

      await assert.rejects(starting, (error: Error) => {
        assert.match(error.message, /go: builds Kubernetes/);
        assert.match(error.message, /apt-get install .* conntrack .* nftables openssl .* runc/);
        return true;
      });
    } finally {
      await rm(path, { recursive: true });
    }
  });
});

/** Interfaces by name, and routes. */
function network(): string[] {
  const lines = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' }).split('\n');
  const interfaces = lines('-o', 'link').map((line) => line.split(':')[1]?.trim() ?? '');
  return [...interfaces, ...lines('route', 'show', 'table', 'all')].filter((line) => line !== '');
}

/** What has one of these folders in its command line or is mounted below it. */
function processesAndMounts(folders: readonly string[]): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine);
  return [...processes, ...readFileSync('/proc/mounts', 'utf8').split('\n')].filter((line) =>
    folders.some((folder) => line.includes(folder)),
  );
}

/** Empty for one that has ended meanwhile. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

type ApiType<T> = Parameters<KubeConfig['makeApiClient']>[0] & (new (...args: never[]) => T);

function api<T>(cluster: TestCluster, type: ApiType<T>): T {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  return config.makeApiClient(type) as T;
}

async function createJob(cluster: TestCluster, command: string[]): Promise<void> {
  const container = { name: 'main', image: 'busybox:latest', imagePullPolicy: 'Never', command };
  await api(cluster, BatchV1Api).createNamespacedJob({
    namespace: 'default',
    body: {
      metadata: { name: 'probe' },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    },
  });
}

async function finishedPhase(cluster: TestCluster): Promise<string> {
  for (;;) {
    const phase = (await probePod(cluster))?.status?.phase;
    if (phase === 'Succeeded' || phase === 'Failed') return phase;
    await scheduler.wait(100);
  }
}

async function podLog(cluster: TestCluster): Promise<string> {
  const name = (await probePod(cluster))?.metadata?.name ?? '';
  return api(cluster, CoreV1Api).readNamespacedPodLog({ namespace: 'default', name });
}

async function probePod(cluster: TestCluster) {
  const pods = await api(cluster, CoreV1Api).listNamespacedPod({
    namespace: 'default',
    labelSelector: 'batch.kubernetes.io/job-name=probe',
  });
  return pods.items[0];
}

async function folderWithPrograms(programs: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-programs-'));
  for (const program of programs) {
    const path = execFileSync('bash', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    await symlink(path, join(folder, program));
  }
  return folder;
}
