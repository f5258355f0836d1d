import { jobStringField, stringField } from '../template/string-fields.ts';

type Path = readonly (string | number)[];

/**
 * Whether a string of a trial template stays a string once rendered: labels, annotations, everything in the Job and in setup tasks'
 * containers that Kubernetes types as a string. Elsewhere a single expression keeps its value's type.
 */
export function isTrialTemplateString(path: Path): boolean {
  const [first, second, third, fourth] = path;
  if (first === 'metadata') return true;
  if (first !== 'spec') return false;
  if (second === 'jobTemplate') return jobStringField(path.slice(2));
  if (second === 'setupServiceAccountName' || second === 'files') return true;
  if (second === 'setupVolumes') return stringField('Volume', path.slice(3));
  if (second !== 'setupTasks' || typeof third !== 'number') return false;
  return fourth !== 'helmValues' && fourth !== 'skipCreate' && fourth !== 'skipDelete';
}
