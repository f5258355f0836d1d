import { connectServer, type Connection } from '../../../runner/cluster/connect.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { describeControllers } from '../../cluster/contract/describe-controllers.ts';
import { fastClock } from '../../support/fast-clock.ts';

let sandbox: Sandbox | undefined;
let connection: Connection | undefined;

async function connect() {
  sandbox ??= await startCluster({ clock: fastClock(10) });
  connection ??= connectServer(sandbox.url);
  return connection.cluster;
}

describeControllers('the sandbox', connect, { timeout: 20_000 });

after(async () => {
  await connection?.close();
  await sandbox?.close();
});
