import type { NamespaceTemplate } from './experiment.ts';
import { LABELS } from './names.ts';

/** What a namespace that a run has made is told by, whichever experiment it was made for. */
export const SLOT_ROLE_LABEL = { [LABELS.role]: 'slot' } as const;

/** The namespaces that an experiment may have made, in order: always the same ones, so that the next run finds what this one makes. */
export function slotNamespaceNames({ prefix }: Pick<NamespaceTemplate, 'prefix'>, replicas: number): string[] {
  return Array.from({ length: replicas }, (_, index) => `${prefix}${index + 1}`);
}

/** The labels of a namespace made for an experiment: those of the template, over them the installation's, over both ours. */
export function slotNamespaceLabels(
  experiment: string,
  labels: Record<string, string>,
  installation: Record<string, string> = {},
): Record<string, string> {
  return { ...labels, ...installation, [LABELS.experiment]: experiment, ...SLOT_ROLE_LABEL };
}
