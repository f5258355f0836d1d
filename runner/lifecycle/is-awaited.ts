import type { RenderedPatch } from '../model/trial.ts';
import { WORKLOADS } from './workload-pods.ts';

/** Whether the target of a patch is waited for where the template declares no gate of its own for it (R§8.4): an empty list of gates means no. */
export function isAwaited({ target, readinessGates: gates }: Pick<RenderedPatch, 'target' | 'readinessGates'>): boolean {
  if (gates !== undefined) return gates.length > 0;
  return WORKLOADS.has(target.kind) || target.apiVersion !== 'v1';
}
