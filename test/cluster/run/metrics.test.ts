import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import { serve, type TestServer } from '../../integration/metrics/serve.ts';
import type { FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, phasesOf, type World } from './world.ts';

const TLS = join(import.meta.dirname, '../../fixtures/tls');
const TOKEN = 'the-token-of-the-installation';

describe('metrics of a trial on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let server: TestServer;
  let world: World;
  let end: FieldtrialEnd;

  before(async () => {
    cluster = await testCluster('node');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    const [cert, key] = await Promise.all(['certificate.pem', 'key.pem'].map((file) => readFile(join(TLS, file), 'utf8')));
    // It says what it was sent, as servers that debug do.
    server = await serve(({ headers }) => ({ body: { login: headers.authorization, rps: 12.5 } }), { cert: cert!, key: key! });
    const metrics = [
      { name: 'trial', query: '{{target.spec.number}}' },
      {
        name: 'job',
        target: { apiVersion: 'batch/v1', kind: 'Job' },
        query: '{{duration target.status.startTime target.status.completionTime}}',
      },
      {
        name: 'pods',
        target: { apiVersion: 'v1', kind: 'PodList', matchLabels: { 'fieldtrial.dev/trial': 'measured-001' } },
        query: '{{target.items.length}}',
      },
      { name: 'rps', type: 'jsonpath', url: `${server.url}/stats`, query: '{.rps}' },
    ];
    const experiment = experimentOf('measured', { spec: { metrics } });
    world = await openWorld([experiment], ['measured'], { kubeconfig: cluster.kubeconfig, cluster: connection.cluster });
    const access = {
      hosts: [server.host],
      credentials: [{ host: server.host, bearerTokenFile: 'token', caFile: join(TLS, 'certificate.pem') }],
    };
    await writeFile(join(world.remote.scratch, 'token'), `${TOKEN}\n`);
    await writeFile(join(world.remote.scratch, 'access.yaml'), JSON.stringify(access));
    end = await world.start('--metric-access', join(world.remote.scratch, 'access.yaml')).ended;
  });

  after(async () => {
    await world?.close();
    await server?.close();
    await connection?.close();
    await cluster?.stop();
  });

  it('are recorded with their evidence', async () => {
    assert.equal(end.exitCode, 0, end.stdout + end.stderr);
    const records = await world.records();
    assert.deepEqual(phasesOf(records), ['measured-001 Completed']);
    const values = new Map(records[0]?.status.values.map((value) => [value.name, value]));
    assert.deepEqual([values.get('trial')?.value, values.get('pods')?.value, values.get('rps')?.value], [1, 1, 12.5]);
    assert.equal(values.get('rps')?.raw, '{"login":"Bearer ***","rps":12.5}');
  });

  it("include how long the trial's own Job took, which Kubernetes tells a moment after its pod has ended", async () => {
    const [record] = await world.records();

    const job = record?.status.values.find(({ name }) => name === 'job')?.value ?? 0;

    assert.ok(job >= 1 && job < 60, `${job} s`);
  });

  it('sent the token to their server, and left it nowhere else', async () => {
    assert.equal(server.requests.at(-1)?.headers.authorization, `Bearer ${TOKEN}`);
    assert.ok(!(end.stdout + end.stderr).includes(TOKEN));
    assert.ok(!(await world.remote.git('log', '--all', '-p')).includes(TOKEN));
  });
});
