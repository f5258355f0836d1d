import type { KubeObject } from '../../cluster/port.ts';

/**
 * What is missing until the object's controller has seen its current spec, and at least the generation that a patch returned; undefined
 * when it has. The second matters where reads come from a cache: what they show may be older than our own write
 * (kstatus's generation check, cli-utils pkg/apply/taskrunner/condition.go).
 */
export function unobserved(object: KubeObject, appliedGeneration = 0): string | undefined {
  const wanted = Math.max(object.metadata.generation ?? 0, appliedGeneration);
  const observed: number = object.status?.observedGeneration ?? 0;
  return observed < wanted ? `Observed generation ${observed}/${wanted}` : undefined;
}
