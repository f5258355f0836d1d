import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { describeCluster } from './describe-cluster.ts';

describe('the contract with Kubernetes', () => {
  let cluster: TestCluster | undefined;
  let connection: Connection | undefined;

  async function connect() {
    cluster = await testCluster('node');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    return connection.cluster;
  }

  describeCluster('a real API server', connect, { nodes: true, customResources: true });

  after(async () => {
    await connection?.close();
    await cluster?.stop();
  });
});
