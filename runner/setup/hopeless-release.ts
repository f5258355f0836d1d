import type { Clock } from '../clock.ts';
import { ClusterError } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { assessPods } from '../lifecycle/readiness/assess-pods.ts';
import { firstSights } from '../lifecycle/readiness/first-sights.ts';
import { StageFailure } from '../model/errors.ts';
import { formatLabelSelector } from '../model/label-selector.ts';
import { releaseWorkloads } from './release-workloads.ts';

const LOOK_INTERVAL = 2_000;

/** Milliseconds for which a workload may be refused its pods: another's may just be going. */
const REFUSAL_GRACE = 10_000;

/**
 * Looks at what helm waits for, and throws StageFailure once that can never become ready: an image that cannot be pulled
 * (`ImagePullFailed`), pods that a quota or an admission rule refuses (`FailedCreate`). Helm itself would wait for both until its deadline.
 * Everything else may still recover, and is left to helm. Ends with the signal.
 */
export async function untilHopeless(
  release: { release: string; namespace: string },
  { cluster, clock }: { cluster: Pick<Cluster, 'list'>; clock: Clock },
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await clock.sleep(LOOK_INTERVAL, signal);
    const why = await look(release, cluster, clock, signal).catch((error: unknown) => {
      // Who may not look at pods, or is not answered, learns it from helm, if later.
      if (!(error instanceof ClusterError)) throw error;
      return undefined;
    });
    if (why !== undefined) throw new StageFailure('setup-create', why.reason, why.message);
  }
}

type Why = { reason: string; message: string };

async function look(
  release: { release: string; namespace: string },
  cluster: Pick<Cluster, 'list'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Why | undefined> {
  const workloads = await releaseWorkloads(['Deployment', 'StatefulSet', 'DaemonSet'], release, cluster, signal);
  for (const workload of workloads) {
    const why = refusal(workload, clock.now()) ?? (await imageFailure(workload, cluster, clock, signal));
    if (why !== undefined) return { ...why, message: `${workload.kind} ${workload.metadata.name}: ${why.message}` };
  }
  return undefined;
}

function refusal({ status }: KubeObject, now: Date): Why | undefined {
  const conditions: any[] = status?.conditions ?? [];
  const refused = conditions.find((condition) => condition.type === 'ReplicaFailure' && condition.status === 'True');
  if (refused === undefined || now.getTime() - Date.parse(refused.lastTransitionTime) < REFUSAL_GRACE) return undefined;
  return { reason: refused.reason, message: refused.message };
}

async function imageFailure(
  { metadata, spec }: KubeObject,
  cluster: Pick<Cluster, 'list'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Why | undefined> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: metadata.namespace!, labelSelector: formatLabelSelector(spec.selector ?? {}) };
  if (query.labelSelector === '') return undefined;
  const readiness = assessPods((await cluster.list(query, signal)).items, { seenFor: firstSights(clock), unschedulableGrace: Infinity });
  return readiness.status === 'Failed' && readiness.reason === 'ImagePullFailed' ? readiness : undefined;
}
