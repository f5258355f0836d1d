import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { parseRecord } from '../../runner/ledger/record-text.ts';
import type { JsonObject } from '../../runner/model/experiment.ts';
import type { TrialRecord } from '../../runner/model/record.ts';
import { createExampleSlot, exampleRepository, type ExampleFiles } from '../../scripts/example/example-repository.ts';
import { makeKey, startSshServer, type SshServer } from '../cluster/git/ssh-server.ts';
import { certificatesFor, type Certificates } from '../support/certificates.ts';
import { startGitHttpServer, type GitHttpServer } from '../support/git-http-server.ts';
import { createRemote, type Remote } from '../support/git-repository.ts';
import { helm } from '../support/helm.ts';
import { kubectl } from '../support/kubectl.ts';
import { createNamespace, deleteSlot, remains } from '../support/slots.ts';
import { endOfJob, install, podsOf, startFromCronJob, type JobEnd } from './install.ts';
import { openStage, RESTRICTED, type Stage } from './stage.ts';

const RESULTS = 'fieldtrial/results';
const TOKEN = 'a-token-of-the-runner';
const SLOTS = ['compression-1', 'compression-2'];

/** What the setup tasks of the example bring. */
const SETUP_RULES = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'patch', 'delete'] }];

describe('the runner, installed by its chart with Pod Security restricted everywhere', function () {
  this.timeout('10m');

  let stage: Stage;
  let certificates: Certificates;
  let files: ExampleFiles;
  let folder: string;
  let ssh: SshServer;
  const remotes: Remote[] = [];
  const servers: GitHttpServer[] = [];
  const namespaces: string[] = [];

  before(async () => {
    stage = await openStage();
    certificates = await certificatesFor(hostAddress());
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-e2e-'));
    ssh = await startSshServer(folder, 'host', hostAddress());
    files = await exampleRepository({ nodeImage: stage.image.name });
    for (const slot of SLOTS) {
      namespaces.push(slot);
      await createExampleSlot(stage.cluster, slot, { experiment: 'compression', files });
      await kubectl(stage.test.kubeconfig, 'label', 'namespace', slot, ...labels(RESTRICTED));
      // The chart brings its own.
      for (const kind of ['serviceaccount', 'role', 'rolebinding'])
        await kubectl(stage.test.kubeconfig, 'delete', kind, 'fieldtrial-setup', '--namespace', slot);
    }
  });

  after(async () => {
    await Promise.all(namespaces.map((namespace) => deleteSlot(stage.cluster, namespace)));
    for (const server of servers) await server.close();
    await ssh?.close();
    for (const remote of remotes) await remote.cleanup();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('runs the example as its CronJob does, from git over HTTPS with a token', async () => {
    const remote = await repository(only(files, 'compression'));
    const namespace = await home('cron');

    await install(stage, namespace, { git: await overHttps(remote, namespace), ...TRUST, ...SUSPENDED, ...inSlots(SLOTS, SETUP_RULES) });
    await startFromCronJob(stage, namespace, 'now');
    const end = await ended(namespace, 'now');

    await uninstall(namespace);
    await assertExampleRan(remote, end);
  });

  it('runs the example as a one-shot Job, from git over SSH with a key', async () => {
    const remote = await repository(only(files, 'compression'));
    const namespace = await home('once');

    await install(stage, namespace, { mode: 'job', git: await overSsh(remote, namespace), ...inSlots(SLOTS, SETUP_RULES) });
    const end = await ended(namespace, 'fieldtrial-1');

    await uninstall(namespace);
    await assertExampleRan(remote, end);
  });

  it('goes on in the next pod when one is evicted, and again when that one is deleted', async () => {
    const remote = await repository(experiment('moved', ['12', '13', '1']));
    const namespace = await home('moving');
    const [slot] = await slots('moved-1');

    await install(stage, namespace, { mode: 'job', git: await overHttps(remote, namespace), ...TRUST, ...inSlots([slot!]) });
    await running(slot!, 'moved-001');
    const [first] = await pods(namespace, 1);
    await evict(namespace, first!);
    await running(slot!, 'moved-002');
    const second = (await pods(namespace, 1)).at(-1)!;
    await kubectl(stage.test.kubeconfig, 'delete', 'pod', second, '--namespace', namespace, '--wait=false');
    const end = await ended(namespace, 'fieldtrial-1');

    assert.equal(end.condition, 'Complete', end.logs.join('\n'));
    assert.ok(![first, second].includes(end.pods.at(-1)?.metadata.name));
    const records = await recordsOf(remote);
    assert.deepEqual(phases(records), ['moved-001 Completed', 'moved-002 Completed', 'moved-003 Completed']);
    assert.deepEqual(await podsEverStarted(slot!), ['moved-001 1', 'moved-002 1', 'moved-003 1']);
    assert.deepEqual(await remains(stage.cluster, slot!), []);
  });

  describe('ends at once, and says what to do,', () => {
    it('when the git server refuses the token', async () => {
      const remote = await repository(experiment('refused'));
      const namespace = await home('refused');
      const [slot] = await slots('refused-1');

      const git = await overHttps(remote, namespace, 'a-token-that-was-revoked');
      await install(stage, namespace, { mode: 'job', git, ...TRUST, ...inSlots([slot!]) });
      const end = await ended(namespace, 'fieldtrial-1');

      assertRemedy(end, 4, /refused the login, or needs one; check the git token or ssh key/);
      assert.doesNotMatch(end.logs.join(), /a-token-that-was-revoked/);
    });

    it('when the git server refuses the key', async () => {
      const remote = await repository(experiment('locked'));
      const namespace = await home('locked');
      const [slot] = await slots('locked-1');
      await makeKey(join(folder, 'stranger'));

      const git = await overSsh(remote, namespace, join(folder, 'stranger'));
      await install(stage, namespace, { mode: 'job', git, ...inSlots([slot!]) });
      const end = await ended(namespace, 'fieldtrial-1');

      assertRemedy(end, 4, /refused the login, or needs one; check the git token or ssh key/);
    });

    it('when a role is missing in the slot', async () => {
      const remote = await repository(experiment('forbidden'));
      const namespace = await home('forbidden');
      const [slot] = await slots('forbidden-1');

      await install(stage, namespace, { git: await overHttps(remote, namespace), ...TRUST, ...SUSPENDED, ...inSlots([slot!]) });
      await kubectl(stage.test.kubeconfig, 'delete', 'role', 'fieldtrial', '--namespace', slot!);
      await startFromCronJob(stage, namespace, 'now');
      const end = await ended(namespace, 'now');

      assertRemedy(end, 4, /permissions are missing in .*forbidden-1; apply these Roles with kubectl and run again/);
    });

    it('when a slot is gone', async () => {
      const remote = await repository(experiment('gone'));
      const namespace = await home('gone');
      const [slot] = await slots('gone-1');

      await install(stage, namespace, { git: await overHttps(remote, namespace), ...TRUST, ...SUSPENDED, ...inSlots([slot!]) });
      await deleteSlot(stage.cluster, slot!);
      namespaces.splice(namespaces.indexOf(slot!), 1);
      await startFromCronJob(stage, namespace, 'now');
      const end = await ended(namespace, 'now');

      assertRemedy(end, 4, /gone-1 grants nothing at all: if it does not exist, create it or take it off the list of slots/);
    });

    it('when the results branch is protected', async () => {
      const remote = await repository(experiment('protected'));
      await remote.hook(
        'pre-receive',
        'while read -r _ _ ref; do case $ref in *results*) echo "GH006: Protected branch update failed" >&2; exit 1;; esac; done',
      );
      const namespace = await home('protected');
      const [slot] = await slots('protected-1');

      await install(stage, namespace, { mode: 'job', git: await overHttps(remote, namespace), ...TRUST, ...inSlots([slot!]) });
      const end = await ended(namespace, 'fieldtrial-1');

      assertRemedy(end, 4, /fieldtrial\/results.*(protect|allow)/);
    });
  });

  const TRUST = { extraCA: { configMap: 'authority' } };
  /** Its time never comes: runs are started from it. */
  const SUSPENDED = { cronjob: { suspend: true } };

  function inSlots(names: readonly string[], rules?: readonly JsonObject[]) {
    return { slots: names, ...(rules && { setup: { rules } }) };
  }

  function hostAddress(): string {
    return stage.test.hostAddress ?? assert.fail('the cluster of TEST_KUBECONFIG does not tell how pods reach this machine');
  }

  async function repository(content: Record<string, string>): Promise<Remote> {
    const remote = await createRemote(content);
    remotes.push(remote);
    return remote;
  }

  /** The runner's own namespace; with the authority of the git server. */
  async function home(name: string): Promise<string> {
    namespaces.push(name);
    await createNamespace(stage.cluster, name, RESTRICTED);
    await create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'authority' }, data: { 'ca.crt': certificates.authority.toString() } },
      name,
    );
    return name;
  }

  async function slots(...names: string[]): Promise<string[]> {
    for (const name of names) {
      namespaces.push(name);
      await createNamespace(stage.cluster, name, RESTRICTED);
    }
    return names;
  }

  async function overHttps(remote: Remote, namespace: string, token = TOKEN) {
    const { key, cert } = certificates;
    const server = await startGitHttpServer(dirname(remote.path), `x-access-token:${TOKEN}`, { host: hostAddress(), tls: { key, cert } });
    servers.push(server);
    await create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'git' }, stringData: { token } }, namespace);
    return { url: `${server.url}/remote.git`, credentials: { secret: 'git' } };
  }

  async function overSsh(remote: Remote, namespace: string, keyFile = ssh.keyFile) {
    const [key, hosts] = await Promise.all([keyFile, ssh.knownHostsFile].map((file) => readFile(file, 'utf8')));
    const stringData = { 'ssh-privatekey': key, known_hosts: hosts };
    await create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'git' }, stringData }, namespace);
    return { url: `${ssh.url}${remote.path}`, credentials: { secret: 'git', type: 'ssh' } };
  }

  async function create(object: Parameters<Stage['cluster']['create']>[0], namespace: string): Promise<void> {
    await stage.cluster.create({ ...object, metadata: { ...object.metadata, namespace } }, limit());
  }

  function ended(namespace: string, job: string): Promise<JobEnd> {
    return endOfJob(stage.cluster, namespace, job, AbortSignal.timeout(240_000));
  }

  /** Waits until the pod of a trial runs. */
  async function running(slot: string, trial: string): Promise<void> {
    const signal = AbortSignal.timeout(120_000);
    for (;;) {
      const [pod] = await podsOf(stage.cluster, slot, trial, signal);
      if (pod?.status.phase === 'Running') return;
      await sleep(200, undefined, { signal });
    }
  }

  /** Names of the runner's pods that are not being deleted, once there are that many. */
  async function pods(namespace: string, count: number): Promise<string[]> {
    const signal = AbortSignal.timeout(60_000);
    for (;;) {
      const found = (await podsOf(stage.cluster, namespace, 'fieldtrial-1', signal)).filter(
        ({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running',
      );
      if (found.length >= count) return found.map(({ metadata }) => metadata.name);
      await sleep(200, undefined, { signal });
    }
  }

  /** What a drain of the node asks for. */
  async function evict(namespace: string, name: string): Promise<void> {
    const config = new KubeConfig();
    config.loadFromFile(stage.test.kubeconfig);
    await config.makeApiClient(CoreV1Api).createNamespacedPodEviction({ namespace, name, body: { metadata: { name, namespace } } });
  }

  /** By Job and in order: how many pods it ever got. */
  async function podsEverStarted(namespace: string): Promise<string[]> {
    const fieldSelector = 'reason=SuccessfulCreate,involvedObject.kind=Job';
    const { items } = await stage.cluster.list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector }, limit());
    const byJob = Map.groupBy(items, ({ involvedObject }) => String(involvedObject.name));
    return [...byJob].map(([job, events]) => `${job} ${events.length}`).toSorted();
  }

  async function assertExampleRan(remote: Remote, end: JobEnd): Promise<void> {
    assert.equal(end.condition, 'Complete', end.logs.join('\n'));
    const records = await recordsOf(remote);
    assert.deepEqual(
      phases(records),
      [1, 2, 3, 4, 5, 6].map((number) => `compression-00${number} ${number === 3 ? 'Failed' : 'Completed'}`),
    );
    assert.equal(records[2]?.status.failure?.reason, 'ContainerFailed');
    assert.match(end.pods[0]?.status.containerStatuses[0].state.terminated.message, /^compression  +6  +1  +time /m);
  }

  async function uninstall(namespace: string): Promise<void> {
    await helm('uninstall', 'fieldtrial', '--namespace', namespace, '--wait', '--kubeconfig', stage.test.kubeconfig);
  }
});

/** One attempt was enough to know that another changes nothing. */
function assertRemedy({ condition, reason, pods, logs }: JobEnd, exitCode: number, remedy: RegExp): void {
  const log = logs.join('\n');
  assert.equal(condition, 'Failed', log);
  assert.equal(reason, 'PodFailurePolicy', log);
  assert.deepEqual(
    pods.map(({ status }) => status.containerStatuses[0].state.terminated.exitCode),
    [exitCode],
    log,
  );
  assert.match(log, remedy);
}

async function recordsOf(remote: Remote): Promise<TrialRecord[]> {
  const paths = (await remote.list(RESULTS)).filter((path) => path.includes('/trials/'));
  return Promise.all(paths.toSorted().map(async (path) => parseRecord(await remote.read(RESULTS, path), path)));
}

function phases(records: readonly TrialRecord[]): string[] {
  return records.map(({ metadata, status }) => `${metadata.name} ${status.phase}`);
}

function only(files: ExampleFiles, experiment: string): ExampleFiles {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith(`experiments/${experiment}/`)));
}

/** Sleeps as often as there are values, in pods that a restricted namespace admits. */
function experiment(name: string, seconds: readonly string[] = ['0']): Record<string, string> {
  const container = {
    name: 'load',
    image: 'busybox:latest',
    imagePullPolicy: 'IfNotPresent',
    command: ['sleep', '{{values.seconds}}'],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const securityContext = { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } };
  const pod = { terminationGracePeriodSeconds: 1, securityContext, containers: [container] };
  const definition = {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      suggest: { source: 'grid' },
      parameters: [{ name: 'seconds', values: seconds }],
      metrics: [{ name: 'duration', minimize: true, query: '{{window.duration}}' }],
      trialTemplate: { spec: { jobTemplate: { spec: { template: { spec: pod } } } } },
    },
  };
  return { [`experiments/${name}/experiment.yaml`]: JSON.stringify(definition, undefined, 2) };
}

function labels(set: Readonly<Record<string, string>>): string[] {
  return Object.entries(set).map(([key, value]) => `${key}=${value}`);
}

function limit(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
