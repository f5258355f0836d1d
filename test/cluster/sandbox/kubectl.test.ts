import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';

const BUILD = join(import.meta.dirname, '../harness/build.sh');

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "web:1"}]}
`;

const JOB = `
apiVersion: batch/v1
kind: Job
metadata: {name: load}
spec:
  template:
    metadata: {annotations: {sandbox.fieldtrial.dev/log: "one\\ntwo", sandbox.fieldtrial.dev/run: 100ms}}
    spec: {restartPolicy: Never, containers: [{name: main, image: load}]}
`;

describe('kubectl on the sandbox', function () {
  this.timeout(60_000);

  let folder: string;
  let kubectlPath: string;
  let environment: NodeJS.ProcessEnv;
  let sandbox: Sandbox;

  before(async function () {
    // The first time on a machine, kubectl is built.
    this.timeout(1_200_000);
    const { stdout } = await promisify(execFile)('bash', [BUILD]);
    kubectlPath = join(stdout.trim().split('\n').at(-1)!, 'kubectl');
    folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
    environment = { ...process.env, KUBECONFIG: join(folder, 'config'), HOME: folder };
    await writeFile(join(folder, 'web.yaml'), DEPLOYMENT);
    await writeFile(join(folder, 'web-2.yaml'), DEPLOYMENT.replace('web:1', 'web:2'));
    await writeFile(join(folder, 'job.yaml'), JOB);
  });

  beforeEach(async () => {
    sandbox = await startCluster();
    await sandbox.kubeconfig(environment['KUBECONFIG']!);
  });

  afterEach(() => sandbox.close());

  after(() => rm(folder, { recursive: true }));

  /** What it prints; a failure shows what it complained about. */
  async function kubectl(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(kubectlPath, args, { env: environment, cwd: folder });
    return stdout.trim();
  }

  it('applies manifests, and sees what a second time would change', async () => {
    assert.equal(await kubectl('apply', '-f', 'web.yaml'), 'deployment.apps/web created');
    assert.equal(await kubectl('apply', '-f', 'web.yaml'), 'deployment.apps/web unchanged');
    assert.equal(await kubectl('apply', '-f', 'web-2.yaml'), 'deployment.apps/web configured');
    assert.equal(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'), 'web:2');
  });

  it('applies on the server, and meets the fields of others', async () => {
    await kubectl('apply', '--server-side', '-f', 'web.yaml');
    await kubectl('scale', 'deployment/web', '--replicas=3');

    await assert.rejects(kubectl('apply', '--server-side', '-f', 'web.yaml'), /conflict with "kubectl".*: \.spec\.replicas/);
    await kubectl('apply', '--server-side', '--force-conflicts', '-f', 'web.yaml');

    assert.equal(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'), '2');
  });

  it('refuses a field that there is not', async () => {
    await writeFile(join(folder, 'typo.yaml'), DEPLOYMENT.replace('replicas', 'replica'));

    await assert.rejects(kubectl('apply', '-f', 'typo.yaml'), /unknown field "spec\.replica"/);
  });

  it('waits for a rollout and describes it', async () => {
    await kubectl('apply', '-f', 'web.yaml');

    const waited = await kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=20s');
    const rolled = await kubectl('rollout', 'status', 'deployment/web', '--timeout=20s');
    const description = await kubectl('describe', 'deployment', 'web');

    assert.equal(waited, 'deployment.apps/web condition met');
    assert.match(rolled, /successfully rolled out/);
    assert.match(description, /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available/);
    assert.match(description, /Scaled up replica set web-/);
  });

  it('shows tables', async () => {
    await kubectl('apply', '-f', 'web.yaml');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=20s');

    const [header, row] = (await kubectl('get', 'deployments')).split('\n');
    const pods = await kubectl('get', 'pods', '--no-headers', '-l', 'app=web');

    assert.match(header!, /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE$/);
    assert.match(row!, /^web +2\/2 +2 +2 +\d+s$/);
    assert.match(pods, /^(web-\w+-\w+ +1\/1 +Running +0 +\d+s\n?){2}$/);
  });

  it('watches', async () => {
    const watch = spawn(kubectlPath, ['get', 'configmaps', '-w', '-o', 'name'], { env: environment });
    const lines = createInterface(watch.stdout)[Symbol.asyncIterator]();
    const first = (await lines.next()).value;

    await kubectl('apply', '-f', await configMapFile('later'));
    const second = (await lines.next()).value;
    watch.kill();

    assert.deepEqual([first, second], ['configmap/kube-root-ca.crt', 'configmap/later']);
  });

  it('patches in all three ways', async () => {
    await kubectl('apply', '-f', 'web.yaml');
    const container = '{"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A","value":"1"}]}]}}}}';

    await kubectl('patch', 'deployment', 'web', '-p', container);
    await kubectl('patch', 'deployment', 'web', '--type=merge', '-p', '{"metadata":{"labels":{"a":"b"}}}');
    await kubectl('patch', 'deployment', 'web', '--type=json', '-p', '[{"op":"replace","path":"/spec/replicas","value":1}]');

    const columns = '{.spec.template.spec.containers[0].env[0].value} {.metadata.labels.a} {.spec.replicas}';
    assert.equal(await kubectl('get', 'deployment', 'web', '-o', `jsonpath=${columns}`), '1 b 1');
  });

  it('runs a Job, reads its log and deletes it with its pods', async () => {
    await kubectl('create', '-f', 'job.yaml');

    await kubectl('wait', '--for=condition=Complete', 'job/load', '--timeout=20s');
    const log = await kubectl('logs', 'job/load');
    await kubectl('delete', 'job', 'load');
    await kubectl('wait', '--for=delete', 'pod', '-l', 'job-name=load', '--timeout=20s');

    assert.equal(log, 'one\ntwo');
    assert.equal(await kubectl('get', 'jobs,pods', '-o', 'name'), '');
  });

  it('deletes a namespace with everything in it', async () => {
    await writeFile(join(folder, 'space.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: space}\n');
    await kubectl('apply', '-f', 'space.yaml');
    await kubectl('apply', '-n', 'space', '-f', 'web.yaml');

    await kubectl('delete', 'namespace', 'space', '--timeout=20s');

    await assert.rejects(kubectl('get', 'namespace', 'space'), /namespaces "space" not found/);
  });

  async function configMapFile(name: string): Promise<string> {
    const path = join(folder, `${name}.yaml`);
    await writeFile(path, `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`);
    return path;
  }
});
