import type { StoredObject } from '../../store.ts';

/** The rules of a Job's podFailurePolicy (kubernetes/pkg/controller/job/pod_failure_policy.go). */

/** A failed pod counts towards backoffLimit, unless the first rule that matches says `Ignore`. */
export function countsAsFailure(job: StoredObject, pod: StoredObject): boolean {
  return firstMatch(job, pod)?.action !== 'Ignore';
}

/** Why the whole Job fails by one of these pods; undefined when it does not. */
export function failJobMessage(job: StoredObject, failedPods: readonly StoredObject[]): string | undefined {
  for (const pod of failedPods) {
    const match = firstMatch(job, pod);
    if (match?.action === 'FailJob') return `${match.what} matching FailJob rule at index ${match.index}`;
  }
  return undefined;
}

type Match = { action: string; index: number; what: string };

function firstMatch(job: StoredObject, pod: StoredObject): Match | undefined {
  const rules: any[] = job.spec.podFailurePolicy?.rules ?? [];
  for (const [index, rule] of rules.entries()) {
    const what = rule.onExitCodes ? matchExitCodes(rule.onExitCodes, pod) : matchConditions(rule.onPodConditions, pod);
    if (what !== undefined) return { action: rule.action, index, what };
  }
  return undefined;
}

function matchExitCodes({ containerName, operator, values }: any, { metadata, status }: StoredObject): string | undefined {
  const statuses: any[] = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const found = statuses.find(({ name, state }) => {
    const exitCode = state?.terminated?.exitCode ?? 0;
    const isMeant = containerName === undefined || containerName === name;
    return isMeant && exitCode !== 0 && values.includes(exitCode) === (operator === 'In');
  });
  if (found === undefined) return undefined;
  const { namespace, name } = metadata;
  return `Container ${found.name} for pod ${namespace}/${name} failed with exit code ${found.state.terminated.exitCode}`;
}

function matchConditions(patterns: any[] | undefined, { metadata, status }: StoredObject): string | undefined {
  const found = status?.conditions?.find((condition: any) =>
    patterns?.some(({ type, status = 'True' }) => condition.type === type && condition.status === status),
  );
  return found && `Pod ${metadata.namespace}/${metadata.name} has condition ${found.type}`;
}
