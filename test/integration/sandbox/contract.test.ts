import { connectServer, type Connection } from '../../../runner/cluster/connect.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/server.ts';
import { describeAnswers } from '../../cluster/contract/describe-answers.ts';
import { describeCluster } from '../../cluster/contract/describe-cluster.ts';
import { describeWatches } from '../../cluster/contract/describe-watches.ts';
import { KNOWN_DIFFERENCES } from '../../cluster/contract/known-differences.ts';
import { rawApiAt } from '../../cluster/contract/raw-api.ts';

let connection: Connection | undefined;
const sandboxes: Sandbox[] = [];

async function start(): Promise<string> {
  const sandbox = await startSandbox();
  sandboxes.push(sandbox);
  return sandbox.url;
}

async function connect() {
  connection = connectServer(await start());
  return connection.cluster;
}

describeCluster('the sandbox', connect, { nodes: false, customResources: true });
describeAnswers('the sandbox', async () => rawApiAt(await start()), KNOWN_DIFFERENCES);
describeWatches('the sandbox', async () => rawApiAt(await start()), { seconds: 1 });

after(async () => {
  await connection?.close();
  for (const sandbox of sandboxes) await sandbox.close();
});
