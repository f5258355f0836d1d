import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { describeAnswers } from './describe-answers.ts';
import { rawApiOf } from './raw-api.ts';

describe('the recorded answers', () => {
  let cluster: TestCluster | undefined;

  describeAnswers('a real API server', async () => {
    cluster = await testCluster('control-plane');
    return rawApiOf(cluster.kubeconfig);
  });

  after(() => cluster?.stop());
});
