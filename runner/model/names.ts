/** API group of the product's files, labels and annotations. */
export const GROUP = 'fieldtrial.dev';
export const API_VERSION = 'fieldtrial.dev/v1alpha1';

/** On every object that a trial creates. */
export const LABELS = {
  experiment: 'fieldtrial.dev/experiment',
  trial: 'fieldtrial.dev/trial',
  /** `trialSetup` or `trialRun` (R§1). */
  role: 'fieldtrial.dev/trial-role',
  trialUid: 'fieldtrial.dev/trial-uid',
} as const;

/** Sent with every write, so that managedFields tell who changed what. */
export const FIELD_MANAGER = 'fieldtrial';

export const MAX_EXPERIMENT_NAME = 40;

/** RFC 1123 label: lower-case letters, digits and inner hyphens, at most 63 characters. */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

/** The trial's name: the experiment's and the number with at least three digits (R§6.3). */
export function trialName(experiment: string, number: number): string {
  return `${experiment}-${String(number).padStart(3, '0')}`;
}

/** The record's path on the results branch. */
export function recordPath(experiment: string, number: number): string {
  return `experiments/${experiment}/trials/${String(number).padStart(3, '0')}.yaml`;
}

/**
 * The environment variable of an assignment: upper case, and every character that a shell cannot use in a name becomes `_`
 * (R§7.2; the ancestor left hyphens as they were, R§25.1.15).
 */
export function environmentName(parameter: string): string {
  return parameter.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
}
