import type { PatchType } from '../model/experiment.ts';
import { isConfiguration } from '../model/is-configuration.ts';

/** What a pod uses by name. `hostPaths` are paths of the node. */
export type PodReference = { kind: 'serviceAccounts' | 'secrets' | 'images' | 'hostPaths'; name: string };

/**
 * What the pods of a whole object use: of a Pod, of what has a pod template at whatever place, and of custom resources that name their
 * fields as pods do. A pod that names no service account has `default`.
 */
export function podReferences(object: any): PodReference[] {
  return isConfiguration(object ?? {}) ? [] : [...named(object), ...unnamedAccounts(object)];
}

/** What a patch brings into the pods of its target. What a JSON patch copies from elsewhere in the target is not known before. */
export function patchReferences(target: { apiVersion: string; kind: string }, type: PatchType, body: unknown): PodReference[] {
  if (isConfiguration(target)) return [];
  return named(type === 'json' && Array.isArray(body) ? body.map(added) : body);
}

/** What an operation adds, inside what its path leads through (RFC 6901). */
function added(operation: any): unknown {
  if (typeof operation?.path !== 'string') return undefined;
  const steps: string[] = operation.path.split('/').slice(1);
  return steps.reduceRight<unknown>(
    (inner, step) => (/^(\d+|-)$/.test(step) ? [inner] : { [step.replaceAll('~1', '/').replaceAll('~0', '~')]: inner }),
    operation.value,
  );
}

/** Labels and annotations may be called anything. */
const IGNORED = new Set(['metadata', 'labels', 'annotations', 'matchLabels', 'nodeSelector']);

function named(value: unknown): PodReference[] {
  if (Array.isArray(value)) return value.flatMap(named);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => (IGNORED.has(key) ? [] : [...referencesOf(key, field), ...named(field)]));
}

/** By the names that the API's types give their fields, which custom resources have taken over (k8s.io/api/core/v1/types.go). */
function referencesOf(key: string, field: any): PodReference[] {
  const found = (kind: PodReference['kind'], ...names: unknown[]) =>
    names.flatMap((name) => (typeof name === 'string' && name !== '' ? [{ kind, name }] : []));
  switch (key) {
    case 'serviceAccountName':
    case 'serviceAccount':
      return found('serviceAccounts', field);
    case 'image':
      // An object is a volume that is an image.
      return found('images', field, field?.reference);
    case 'hostPath':
      return found('hostPaths', field?.path);
    case 'imagePullSecrets':
      return found('secrets', ...(Array.isArray(field) ? field.map((each) => each?.name ?? each) : []));
    case 'secretName':
      return found('secrets', field);
    case 'secret':
      return found('secrets', field?.name);
    default:
      return /secret(key)?ref$/i.test(key) ? found('secrets', field?.name) : [];
  }
}

function unnamedAccounts(value: any): PodReference[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(unnamedAccounts);
  const isNameless = Array.isArray(value.containers) && !value.serviceAccountName && !value.serviceAccount;
  return isNameless ? [{ kind: 'serviceAccounts', name: 'default' }, ...inside] : inside;
}
