import { JOB_FIELDS } from './job-fields.ts';

type Path = readonly (string | number)[];

/** Whether Kubernetes wants a string at this path of a batch/v1 Job manifest; false for IntOrString fields and for unknown paths. */
export function jobStringField(path: Path): boolean {
  return stringField('V1Job', path);
}

/**
 * Whether Kubernetes wants a string at this path of a model, such as `V1Volume` or `V1EnvVar`, that a Job holds somewhere; false for
 * IntOrString fields, and for paths and models that are not known.
 */
export function stringField(model: string, path: Path): boolean {
  return path.reduce<string | undefined>(typeWithin, model) === 'string';
}

function typeWithin(type: string | undefined, segment: string | number): string | undefined {
  if (type === undefined) return undefined;
  if (type.startsWith('[')) return typeof segment === 'number' ? type.slice(1, -1) : undefined;
  if (type.startsWith('{')) return type.slice(1, -1);
  const fields = Object.hasOwn(JOB_FIELDS, type) ? JOB_FIELDS[type]! : {};
  return Object.hasOwn(fields, segment) ? fields[segment] : undefined;
}
