import { timestamp } from '../../timestamp.ts';

/** What is left of one kind in a namespace that is being deleted. */
export type Remains = { resource: string; count: number; finalizers: readonly string[] };

/** Why a namespace is not gone yet (kubernetes/pkg/controller/namespace/deletion/status_condition_utils.go). */
export function endingConditions(present: readonly any[], remains: readonly Remains[], now: Date): any[] {
  const wanted = [
    { type: 'NamespaceDeletionDiscoveryFailure', ...fulfilled('ResourcesDiscovered', 'All resources successfully discovered') },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      ...fulfilled('ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    },
    {
      type: 'NamespaceDeletionContentFailure',
      ...fulfilled('ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    },
    { type: 'NamespaceContentRemaining', ...contentRemaining(remains) },
    { type: 'NamespaceFinalizersRemaining', ...finalizersRemaining(remains) },
  ];
  return wanted.map((condition) => {
    const before = present.find(({ type }) => type === condition.type);
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : timestamp(now);
    return { ...condition, lastTransitionTime };
  });
}

function contentRemaining(remains: readonly Remains[]) {
  if (remains.length === 0) return fulfilled('ContentRemoved', 'All content successfully removed');
  const list = remains.map(({ resource, count }) => `${resource} has ${count} resource instances`).join(', ');
  return { status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${list}` };
}

function finalizersRemaining(remains: readonly Remains[]) {
  const counts = Map.groupBy(
    remains.flatMap(({ finalizers }) => finalizers),
    (finalizer) => finalizer,
  );
  if (counts.size === 0) return fulfilled('ContentHasNoFinalizers', 'All content-preserving finalizers finished');
  const list = [...counts].map(([finalizer, all]) => `${finalizer} in ${all.length} resource instances`).join(', ');
  return {
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${list}`,
  };
}

function fulfilled(reason: string, message: string) {
  return { status: 'False', reason, message };
}
