import { startControllers } from './controllers/start-controllers.ts';
import { createStore } from './create-store.ts';
import { startKubelet } from './kubelet/kubelet.ts';
import type { KubeletOptions } from './kubelet/options.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from './server.ts';

export type ClusterOptions = Omit<SandboxOptions, 'logs'> & { kubelet?: Partial<KubeletOptions> };

/** A whole stand-in for a cluster: the API server, the controllers, and one simulated node that runs the pods; `close` ends them all. */
export async function startCluster({ kubelet: kubeletOptions, ...options }: ClusterOptions = {}): Promise<Sandbox> {
  const { store = createStore(options) } = options;
  const stopControllers = startControllers(store);
  const kubelet = startKubelet(store, kubeletOptions);
  const sandbox = await startSandbox({ ...options, store, logs: kubelet.logs });
  return {
    ...sandbox,
    async close() {
      const kubeletStopped = kubelet.stop();
      stopControllers();
      await Promise.all([kubeletStopped, sandbox.close()]);
    },
  };
}
