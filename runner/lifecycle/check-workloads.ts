import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { describeTarget } from './apply-patches.ts';
import { assessPods } from './readiness/assess-pods.ts';
import { assessRollout } from './readiness/assess-rollout.ts';
import { podsOfCurrentRevision } from './readiness/current-pods.ts';
import { firstSights } from './readiness/first-sights.ts';
import { lookAtPods, podEvidence } from './workload-pods.ts';

/**
 * Throws StageFailure for a patched workload whose pods broke while the trial ran (OOM kills, crash loops): without a readiness probe
 * they were ready for a moment, and nobody noticed since. Only the pods of a workload that is not whole are looked at, so a healthy one
 * costs nothing, and one whose patch waits for nothing is not looked at at all. Pods that an autoscaler added and no node takes are no breakage.
 */
export async function checkWorkloads(
  { patches }: Pick<RenderedTrial, 'patches'>,
  objects: readonly KubeObject[],
  { cluster, clock }: { cluster: Pick<Cluster, 'list' | 'log'>; clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const waitedFor = patches.filter(({ readinessGates }) => readinessGates?.length !== 0).map(({ target }) => describeTarget(target));
  const broken = objects.filter((object) => waitedFor.includes(labelOf(object)) && assessRollout(object, {})?.status === 'Waiting');
  await Promise.all(
    broken.map(async (object) => {
      const related = await lookAtPods([object], cluster, signal);
      const own = podsOfCurrentRevision(object, related.pods, related.replicaSets);
      const readiness = assessPods(own, { seenFor: firstSights(clock), unschedulableGrace: Infinity });
      if (readiness.status !== 'Failed') return;
      throw new StageFailure('collect', readiness.reason, `${labelOf(object)}: ${readiness.message}`, {
        evidence: await podEvidence([object], related, cluster, signal),
      });
    }),
  );
}

function labelOf(object: KubeObject): string {
  return describeTarget({ ...object, name: object.metadata.name });
}
