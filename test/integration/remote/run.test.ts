import assert from 'node:assert/strict';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { connectCluster } from '../../../runner/cluster/connect.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { experimentFile } from '../../support/definitions.ts';
import {
  startExperimentsServer,
  type ExperimentsServer,
  type ServerOptions,
} from '../../support/experiments-api/start-experiments-server.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { startFieldtrial, type FieldtrialEnd, type StartedFieldtrial } from '../../support/run-fieldtrial.ts';
import { createSlot } from '../../support/slots.ts';

const RESULTS = 'fieldtrial/results';
const CLIENT = { id: 'runner', secret: 'client-secret' };

const EXPERIMENT = (budget = 3) => `apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment
metadata: {name: sizing, labels: {stormforge.io/application: shop}}
spec:
  replicas: 2
  suggest: {source: remote, budget: ${budget}}
  parameters:
    - {name: cpu, min: 1, max: 9, baseline: 4}
    - {name: zone, values: [here]}
  metrics:
    - {name: cost, minimize: true, query: "{{values.cpu}}"}
  trialTemplate:
    spec:
      jobTemplate: {spec: {template: {spec: {containers: [{name: load, image: load}]}}}}
`;

describe('fieldtrial run with a remote API', function () {
  this.timeout('60s');

  let cluster: Sandbox;
  let server: ExperimentsServer;
  let remote: Remote;
  let kubeconfig: string;

  before(async () => {
    cluster = await startCluster({ kubelet: { jobDuration: 50 } });
    remote = await createRemote();
    kubeconfig = join(remote.scratch, 'kubeconfig');
    await cluster.kubeconfig(kubeconfig);
    const { cluster: api, close } = await connectCluster({ kubeconfig });
    await Promise.all(['shop-1', 'shop-2'].map((slot) => createSlot(api, slot)));
    await close();
    await remote.cleanup();
  });
  after(() => cluster.close());

  beforeEach(async () => {
    remote = await createRemote({ [experimentFile('sizing')]: EXPERIMENT() });
    kubeconfig = join(remote.scratch, 'kubeconfig');
    await cluster.kubeconfig(kubeconfig);
  });
  afterEach(async () => {
    await server.close();
    await remote.cleanup();
  });

  async function aServer(options: ServerOptions = {}): Promise<void> {
    server = await startExperimentsServer({ client: CLIENT, ...options });
  }

  function start(...args: string[]): StartedFieldtrial {
    const flags = [
      '--remote-url',
      server.url,
      '--remote-client-id',
      CLIENT.id,
      '--remote-wait',
      '2s',
      '--push-interval',
      '100ms',
      '--lease-duration',
      '3s',
      '-o',
      'json',
    ];
    const place = ['--kubeconfig', kubeconfig, '-n', 'default', '--slots', 'shop-1,shop-2'];
    return startFieldtrial(['run', remote.path, ...place, ...flags, ...args], { env: { FIELDTRIAL_REMOTE_CLIENT_SECRET: CLIENT.secret } });
  }
  const run = (...args: string[]): Promise<FieldtrialEnd> => start(...args).ended;

  const trials = () => server.state.experiments.get('sizing')?.trials ?? [];
  const records = async () => (await remote.list(RESULTS)).filter((path) => path.includes('/trials/'));
  const remoteFile = async () => load(await remote.read(RESULTS, 'experiments/sizing/remote.yaml')) as any;

  it('tries what the API hands out, the baseline first, reports all of it and ends when the API does', async () => {
    await aServer();

    const end = await run();

    assert.equal(end.exitCode, 0, end.stderr + end.stdout);
    assert.deepEqual(
      trials().map(({ status, reports }) => [status, reports.length]),
      [
        ['completed', 1],
        ['completed', 1],
        ['completed', 1],
      ],
    );
    assert.deepEqual(trials()[0]?.assignments, [{ parameterName: 'cpu', value: 4 }]);
    assert.deepEqual(trials()[0]?.labels, { baseline: 'true' });
    assert.deepEqual(server.state.experiments.get('sizing')?.definition.labels, { application: 'shop' });
    const first = load(await remote.read(RESULTS, 'experiments/sizing/trials/001.yaml')) as any;
    assert.deepEqual(first.spec.source, { type: 'remote', url: `${server.url}v1/experiments/sizing/trials/1` });
    assert.deepEqual(first.spec.assignments, [
      { name: 'cpu', value: 4 },
      { name: 'zone', value: 'here' },
    ]);
    assert.equal(first.spec.baseline, true);
    assert.deepEqual(trials()[0]?.reports[0]?.values, [{ metricName: 'cost', value: 4 }]);
    assert.equal((await records()).length, 3);
    assert.deepEqual((await remoteFile()).status, { owed: [] });
    assert.ok(!end.stdout.includes(CLIENT.secret));
  });

  it('remembers that the API has no more, and does nothing the next time', async () => {
    await remote.commit({ [experimentFile('sizing')]: EXPERIMENT().replace(', budget: 3', '') });
    await aServer({ budget: 2 });

    const first = await run();
    const log = await remote.log(RESULTS);
    const asked = server.requests.length;
    const second = await run();

    const ends = [first, second].map(({ events }) =>
      events.flatMap((event) =>
        event.type === 'experiment-finished' || event.type === 'experiment-skipped' ? [`${event.type} ${event.reason}`] : [],
      ),
    );
    assert.deepEqual([first.exitCode, second.exitCode], [0, 0], first.stderr + second.stderr);
    assert.deepEqual(ends, [['experiment-finished RemoteFinished'], ['experiment-skipped RemoteFinished']]);
    assert.match((await remoteFile()).status.finished, /experiment budget is exhausted$/);
    assert.deepEqual(await remote.log(RESULTS), log);
    assert.equal(server.requests.length, asked);
  });

  it('owes a report while the API is away, which a run without any API tells, and the next one delivers without a slot', async () => {
    // One at a time, so that the last report alone is owed.
    await remote.commit({ [experimentFile('sizing')]: EXPERIMENT().replace('replicas: 2', 'replicas: 1') });
    await aServer();
    server.fault('POST /v1/experiments/sizing/trials/3', { effect: 'refuse', status: 503 }, Infinity);

    const first = await run();
    const owed = (await remoteFile()).status.owed;
    const statuses = trials().map(({ status }) => status);
    const without = await startFieldtrial(['run', remote.path, '--kubeconfig', kubeconfig, '-n', 'default', '-o', 'json']).ended;
    server.forgive();
    const second = await run('--slots', 'nowhere');

    assert.deepEqual(
      [first, without, second].map(({ exitCode }) => exitCode),
      [0, 0, 0],
      first.stderr + without.stderr + second.stderr,
    );
    assert.deepEqual(statuses, ['completed', 'completed', 'active']);
    assert.match(without.stdout, /reports owed to a remote API stay owed, since this installation names none: sizing-003/);
    assert.deepEqual(
      owed.map((each: any) => each.trial),
      ['sizing-003'],
    );
    assert.ok(
      first.events.some(
        (event) => event.type === 'notice' && event.message.startsWith('the report of sizing-003 is owed to the remote API'),
      ),
    );
    assert.deepEqual(
      trials().map(({ status }) => status),
      ['completed', 'completed', 'completed'],
    );
    assert.deepEqual((await remoteFile()).status, { owed: [] });
    assert.equal((await remote.log(RESULTS))[0], 'sizing: 1 owed report delivered to the remote API');
  });

  it('waits for an API that has nothing, says so, and leaves the rest to the next run', async () => {
    await aServer({ parallelTrials: 0 });

    const { exitCode, events, stderr } = await run();

    const said = events.flatMap((event) => (event.type === 'notice' || event.type === 'experiment-finished' ? [event.message] : []));
    assert.equal(exitCode, 0, stderr);
    assert.match(said.join('\n'), /^the remote API had no trial for .*; the next run asks again: POST .*: too many trials are active$/m);
    assert.deepEqual(await records(), []);
  });

  it('takes up what was handed out in an answer that was lost', async () => {
    await aServer();
    server.fault('POST /v1/experiments/sizing/next-trial', { effect: 'cut', at: 'answer' }, 2);

    const end = await run();

    assert.equal(end.exitCode, 0, end.stderr);
    assert.deepEqual(
      trials().map(({ status, reports }) => `${status} ${reports.length}`),
      Array(3).fill('completed 1'),
    );
    assert.equal((await records()).length, 3);
  });

  it('goes on after it was killed', async () => {
    await aServer();
    const killed = start();
    await killed.event(({ type }) => type === 'trial-started');
    killed.child.kill('SIGKILL');
    await killed.ended;

    const end = await run();

    assert.equal(end.exitCode, 0, end.stderr);
    assert.deepEqual(
      trials().map(({ status, reports }) => `${status} ${reports.length}`),
      Array(3).fill('completed 1'),
    );
    assert.equal((await records()).length, 3);
  });

  describe('refuses in one clear sentence', () => {
    it('an installation that names no API, and says which flag does', async () => {
      await aServer();

      const { exitCode, stderr } = await startFieldtrial([
        'run',
        remote.path,
        '--kubeconfig',
        kubeconfig,
        '-n',
        'default',
        '--slots',
        'shop-1',
      ]).ended;

      assert.equal(exitCode, 4);
      assert.match(
        stderr,
        /preflight failed: suggest\.source is remote, and this installation names no remote API; give --remote-url \(FIELDTRIAL_REMOTE_URL\)\n$/,
      );
    });

    it('a client that the API does not know', async () => {
      await aServer();

      const { exitCode, stderr } = await run('--remote-client-id', 'stranger');

      assert.equal(exitCode, 4);
      assert.match(
        stderr,
        /^preflight failed: POST .*oauth\/token: invalid_client; check the token or the client id and secret of the remote API\n$/,
      );
      assert.ok(!stderr.includes(CLIENT.secret));
    });

    it('a name that another experiment has there', async () => {
      await aServer();
      server.state.put('sizing', { parameters: [{ name: 'other', type: 'int', bounds: { min: 1, max: 2 } }], metrics: [] });

      const { exitCode, events } = await run();

      const [stop] = events.filter(({ type }) => type === 'experiment-finished');
      assert.equal(exitCode, 5);
      assert.match((stop as any)?.message, /^PUT .*\/sizing: the name is taken/);
    });
  });
});
