import type { JsonObject } from '../../model/experiment.ts';

/** What Red Sky Ops and StormForge Optimize called their files (R§1). */
export const LEGACY_VERSIONS = ['redskyops.dev/v1alpha1', 'redskyops.dev/v1beta1', 'optimize.stormforge.io/v1beta2'] as const;

/** Whether a document is an Experiment of the ancestor, which is converted before it is checked. */
export function isLegacyExperiment(document: unknown): document is JsonObject {
  if (typeof document !== 'object' || document === null) return false;
  const { apiVersion, kind } = document as JsonObject;
  return kind === 'Experiment' && (LEGACY_VERSIONS as readonly unknown[]).includes(apiVersion);
}
