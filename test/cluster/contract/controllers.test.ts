import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { describeControllers } from './describe-controllers.ts';

describe('the contract with the controllers', () => {
  let cluster: TestCluster | undefined;
  let connection: Connection | undefined;

  async function connect() {
    cluster ??= await testCluster('node');
    connection ??= await connectCluster({ kubeconfig: cluster.kubeconfig });
    return connection.cluster;
  }

  describeControllers('a real cluster', connect, { timeout: 120_000 });

  after(async () => {
    await connection?.close();
    await cluster?.stop();
  });
});
