import { connectServer } from '../../../runner/cluster/connect.ts';
import type { Cluster, KubeObject } from '../../../runner/cluster/port.ts';
import { startSandbox } from '../../../sandbox/server.ts';

export type TestSlot = { url: string; cluster: Cluster; close(): Promise<void> };

/** An API server without controllers, on which this object lies in a namespace of its own. */
export async function startSlot(object: KubeObject): Promise<TestSlot> {
  const sandbox = await startSandbox();
  const { cluster, ...connection } = connectServer(sandbox.url);
  const signal = AbortSignal.timeout(5_000);
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: object.metadata.namespace } }, signal);
  await cluster.create(object, signal);
  return {
    url: sandbox.url,
    cluster,
    async close() {
      await connection.close();
      await sandbox.close();
    },
  };
}
