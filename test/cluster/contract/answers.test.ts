import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { describeAnswers } from './describe-answers.ts';
import { describeWatches } from './describe-watches.ts';
import { rawApiOf } from './raw-api.ts';

describe('the recorded answers', () => {
  let cluster: TestCluster | undefined;

  async function connect() {
    cluster ??= await testCluster('control-plane');
    return rawApiOf(cluster.kubeconfig);
  }

  describeAnswers('a real API server', connect);
  describeWatches('a real API server', connect, { seconds: 6 });

  after(() => cluster?.stop());
});
