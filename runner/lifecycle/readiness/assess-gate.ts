import type { KubeObject } from '../../cluster/port.ts';
import { GROUP } from '../../model/names.ts';
import { assessPods, type PodOptions } from './assess-pods.ts';
import { assessRollout, type RolloutOptions } from './assess-rollout.ts';
import { podsOfCurrentRevision } from './current-pods.ts';
import { failed, READY, waiting, type Readiness } from './readiness.ts';
import { assessStatus } from './status-conditions.ts';
import { unobserved } from './unobserved.ts';

export type GateContext = PodOptions &
  RolloutOptions & {
    /** The pods that the workload's selector selects; empty for other kinds. */
    pods: readonly KubeObject[];
    /** The ReplicaSets of the namespace, or of the selector, for Deployments. */
    replicaSets?: readonly KubeObject[];
  };

/**
 * One condition type of a readiness gate (R§9.5). A condition or status field that is not there yet is waited for, where the ancestor
 * failed; hard pod failures of the current revision fail whatever is still waited for (R§9.6). `ReadinessCheckFailed` means a
 * condition type that cannot be assessed.
 */
export function assessCondition(object: KubeObject, conditionType: string, context: GateContext): Readiness {
  const readiness = assessType(object, conditionType, context);
  if (readiness.status !== 'Waiting') return readiness;
  const pods = assessPods(podsOfCurrentRevision(object, context.pods, context.replicaSets), context);
  if (pods.status === 'Failed') return pods;
  return pods.status === 'Ready' || readiness.message.includes(pods.message) ? readiness : waiting(`${readiness.message}; ${pods.message}`);
}

function assessType(object: KubeObject, conditionType: string, context: GateContext): Readiness {
  if (!conditionType.startsWith(PREFIX)) return assessPlainCondition(object, conditionType, context);
  const type = conditionType.slice(PREFIX.length);
  if (type.startsWith('status-')) return assessStatusField(object, conditionType, context);
  switch (type) {
    case 'always-true':
      return READY;
    case 'pod-ready':
      return assessPodsReady(object, context);
    case 'rollout-status':
      return (
        assessRollout(object, context) ??
        failed('ReadinessCheckFailed', `${object.kind} has no rollout, so ${conditionType} cannot be assessed`)
      );
    case 'app-ready':
      return assessRollout(object, context) ?? all(assessPodsReady(object, context), assessStatus(object, context.appliedGeneration));
    default:
      return failed(
        'ReadinessCheckFailed',
        `condition type ${conditionType} is none of ${TYPES.map((known) => PREFIX + known).join(', ')}`,
      );
  }
}

/** The first that says more than that it is ready. */
function all(...parts: Readiness[]): Readiness {
  return parts.find(({ status }) => status === 'Failed') ?? parts.find(({ status }) => status === 'Waiting') ?? READY;
}

const PREFIX = `${GROUP}/`;
const TYPES = ['always-true', 'pod-ready', 'rollout-status', 'app-ready', 'status-<field>-<value>'];

/** Every pod, also of an older revision; a pod is asked itself, and kinds without pods are ready. */
function assessPodsReady(object: KubeObject, context: GateContext): Readiness {
  if (object.apiVersion === 'v1' && object.kind === 'Pod') return assessPods([object], context);
  // An old pod's crash is no reason to fail, only to wait.
  const readiness = assessPods(context.pods, context);
  return readiness.status === 'Failed' ? waiting(readiness.message) : readiness;
}

/** Strings match without regard to case, numbers and booleans by their text. */
function assessStatusField(object: KubeObject, conditionType: string, { appliedGeneration }: RolloutOptions): Readiness {
  const [, field, wanted] = /^[^/]*\/status-([^-]+)-(.+)$/.exec(conditionType) ?? [];
  if (field === undefined || wanted === undefined) {
    return failed('ReadinessCheckFailed', `condition type ${conditionType} must be ${PREFIX}status-<field>-<value>`);
  }
  const missing = stale(object, appliedGeneration);
  if (missing !== undefined) return waiting(missing);
  const value: unknown = object.status?.[field];
  if (!['string', 'number', 'boolean'].includes(typeof value)) return waiting(`status.${field} is not set, waiting for ${wanted}`);
  if (String(value).toLowerCase() === wanted.toLowerCase()) return READY;
  return waiting(object.status.message ?? `status.${field} is ${String(value)}, waiting for ${wanted}`);
}

function assessPlainCondition(object: KubeObject, conditionType: string, { appliedGeneration }: RolloutOptions): Readiness {
  const condition = object.status?.conditions?.find(({ type }: any) => type === conditionType);
  if (condition === undefined) return waiting(`Condition ${conditionType} is not set`);
  // A bare True may belong to the previous settings, so the generation must match wherever the object tells it.
  const missing = stale({ ...object, status: { ...object.status, ...observedBy(condition) } }, appliedGeneration);
  if (missing !== undefined) return waiting(missing);
  if (condition.status === 'True') return READY;
  return waiting(`Condition ${conditionType} is ${condition.status}${condition.message ? `: ${condition.message}` : ''}`);
}

function observedBy({ observedGeneration }: { observedGeneration?: number }): { observedGeneration?: number } {
  return observedGeneration === undefined ? {} : { observedGeneration };
}

/** Many kinds do not tell which generation their status is of; those are taken as they are. */
function stale(object: KubeObject, appliedGeneration: number | undefined): string | undefined {
  return object.status?.observedGeneration === undefined ? undefined : unobserved(object, appliedGeneration);
}
