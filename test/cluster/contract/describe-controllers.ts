import type { Cluster } from '../../../runner/cluster/port.ts';
import { describeDaemonSets } from './controllers/describe-daemon-sets.ts';
import { describeDeployments } from './controllers/describe-deployments.ts';
import { describeJobs } from './controllers/describe-jobs.ts';
import { describeNamespaces } from './controllers/describe-namespaces.ts';
import { describePods } from './controllers/describe-pods.ts';
import { describeStatefulSets } from './controllers/describe-stateful-sets.ts';
import { createWorkbench } from './controllers/workbench.ts';

export type ControllerTraits = {
  /** Milliseconds that a test may take. */
  timeout: number;
};

/**
 * What the product relies on of the controllers, the scheduler and the kubelet, as tests that a cluster of one node has to pass. Pods
 * carry both what a real kubelet runs (busybox must be there) and what the simulated one is told by annotations.
 */
export function describeControllers(name: string, connect: () => Promise<Cluster>, { timeout }: ControllerTraits): void {
  describe(`the controllers of ${name}`, function () {
    this.timeout(timeout);

    const parts = {
      Pods: describePods,
      Jobs: describeJobs,
      Deployments: describeDeployments,
      StatefulSets: describeStatefulSets,
      DaemonSets: describeDaemonSets,
    };
    for (const [kind, part] of Object.entries(parts)) {
      describe(kind, () => part(createWorkbench(connect)));
    }
    describe('Namespaces', () => describeNamespaces(connect));
  });
}
