import { forbidden, invalid, required, type FieldError } from '../field-error.ts';
import { labelMapErrors, nameErrors, qualifiedNameErrors, type NameRule } from './names.ts';

/** k8s.io/apimachinery/pkg/api/validation/objectmeta.go. */
export function metadataErrors(metadata: any, rule: NameRule): FieldError[] {
  const { name, generateName, labels, annotations = {}, ownerReferences = [], finalizers = [] } = metadata;
  return [
    ...(generateName === undefined ? [] : nameErrors(generateName.replace(/[-.]+$/, ''), rule, 'metadata.generateName')),
    ...(name === undefined ? [required('metadata.name', 'name or generateName is required')] : nameErrors(name, rule, 'metadata.name')),
    ...labelMapErrors(labels, 'metadata.labels'),
    ...Object.keys(annotations).flatMap((key) => qualifiedNameErrors(key.toLowerCase(), 'metadata.annotations')),
    ...ownerReferences.flatMap(ownerErrors),
    ...controllerErrors(ownerReferences),
    ...finalizers.flatMap((finalizer: string, index: number) => finalizerErrors(finalizer, `metadata.finalizers[${index}]`)),
  ];
}

/** What may not change about an object that is being deleted, and about who it is. */
export function metadataUpdateErrors(metadata: any, previous: any): FieldError[] {
  if (previous.deletionTimestamp === undefined) return [];
  const before = new Set(previous.finalizers);
  const added = (metadata.finalizers ?? []).filter((finalizer: string) => !before.has(finalizer));
  if (added.length === 0) return [];
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
  return [forbidden('metadata.finalizers', detail)];
}

function ownerErrors(owner: any): FieldError[] {
  return ['apiVersion', 'kind', 'name', 'uid']
    .filter((part) => owner[part] === undefined || owner[part] === '')
    .map((part) =>
      invalid(
        `metadata.ownerReferences.${part}`,
        owner[part] ?? '',
        part === 'apiVersion' ? 'version must not be empty' : 'must not be empty',
      ),
    );
}

function controllerErrors(owners: any[]): FieldError[] {
  if (owners.filter(({ controller }) => controller === true).length < 2) return [];
  return [invalid('metadata.ownerReferences', owners, 'Only one reference can have Controller set to true.')];
}

function finalizerErrors(finalizer: string, field: string): FieldError[] {
  const errors = qualifiedNameErrors(finalizer, field);
  const known = ['foregroundDeletion', 'orphan', 'kubernetes'];
  if (errors.length > 0 || finalizer.includes('/') || known.includes(finalizer) || finalizer.includes('.')) return errors;
  return [invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
}
