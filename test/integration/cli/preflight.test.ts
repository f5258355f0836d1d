import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { aRepository } from '../../support/definitions.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createNamespace } from '../../support/slots.ts';

describe('the preflight on the embedded cluster', function () {
  this.timeout('60s');

  let sandbox: Sandbox;
  let connection: Connection;
  let remote: Remote;
  let kubeconfig: string;

  before(async () => {
    sandbox = await startCluster();
    remote = await createRemote(aRepository((text) => text.replace('{{values.cpu}} }', 'many }')));
    kubeconfig = join(remote.scratch, 'kubeconfig');
    await sandbox.kubeconfig(kubeconfig);
    connection = await connectCluster({ kubeconfig });
    const { cluster } = connection;
    await createNamespace(cluster, 'shop-1');
    const labels = { app: 'app' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app' }] } };
    const metadata = { name: 'app', namespace: 'shop-1' };
    await cluster.create(
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: { matchLabels: labels }, template } },
      AbortSignal.timeout(10_000),
    );
  });
  after(async () => {
    await connection.close();
    await sandbox.close();
    await remote.cleanup();
  });

  it('says what the API server would refuse of the first trial, with exit code 4, and changes nothing', async () => {
    const flags = ['--kubeconfig', kubeconfig, '-n', 'default', '--slots', 'shop-1', '--dry-run'];

    const { exitCode, stdout, stderr } = await runFieldtrial(['run', remote.path, ...flags]);

    assert.equal(exitCode, 4, stderr);
    assert.match(stdout, /^first trial {3}shop-1 {15}sizing: refused: patches\[0\] of Deployment app: .*replicas/m);
    assert.match(stderr, /^preflight failed: the first trial of sizing would fail: patches\[0\] of Deployment app: /m);
    const { items } = await connection.cluster.list(
      { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop-1' },
      AbortSignal.timeout(10_000),
    );
    assert.deepEqual(items, []);
  });
});
