import { quantityInNanos } from '../schema/quantity.ts';

/** What a node offers: quantities of cpu and memory. */
export type Capacity = { cpu: string; memory: string };

/**
 * The resources of which a pod asks for more than an otherwise empty node has; it counts as Kubernetes does: the containers and sidecars
 * together, or an init container where that needs more (k8s.io/component-helpers/resource/helpers.go).
 */
export function insufficientResources(spec: any, capacity: Capacity): string[] {
  return (['cpu', 'memory'] as const).filter((resource) => requested(spec, resource) > quantityInNanos(capacity[resource]));
}

function requested({ containers, initContainers = [] }: any, resource: string): bigint {
  const sidecars = initContainers.filter(({ restartPolicy }: any) => restartPolicy === 'Always');
  const lasting = [...containers, ...sidecars].reduce((sum: bigint, container: any) => sum + requestOf(container, resource), 0n);
  return initContainers
    .map((container: any) => requestOf(container, resource))
    .reduce((most: bigint, each: bigint) => (each > most ? each : most), lasting);
}

function requestOf({ resources }: any, resource: string): bigint {
  return quantityInNanos(String(resources?.requests?.[resource] ?? '0'));
}
