import type { KubeObject } from '../cluster/port.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import type { FieldPath } from './changed-fields.ts';

/** Whether the field's present value is the one that the runner itself wrote last, with all it holds. */
export function isOwnedByUs(object: KubeObject, path: FieldPath): boolean {
  const owners = entriesOf(object).filter(({ fieldsV1 }) => owns(fieldsV1, path));
  return owners.length > 0 && owners.every(({ manager }) => manager === FIELD_MANAGER);
}

/**
 * Who gave a field its present value, as `metadata.managedFields` has it: `argocd-controller`, `kube-controller-manager (scale)`. A
 * field that is gone has no manager any more; then it is whoever wrote to the object last, other than its status.
 */
export function changersOf(object: KubeObject, path: FieldPath): string[] {
  const others = entriesOf(object).filter(({ manager, subresource }) => manager !== FIELD_MANAGER && subresource !== 'status');
  const owners = others.filter(({ fieldsV1 }) => owns(fieldsV1, path));
  const latest = others.toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, 1);
  const names = (owners.length > 0 ? owners : latest).map(({ manager, subresource }) =>
    subresource ? `${manager} (${subresource})` : manager,
  );
  return [...new Set<string>(names)];
}

function entriesOf({ metadata }: KubeObject): any[] {
  return metadata['managedFields'] ?? [];
}

/** A manager owns a field whose path is in its tree. One that ends above it may own no more than that the mapping is there. */
function owns(fields: any, [step, ...rest]: FieldPath): boolean {
  if (fields === undefined || step === undefined) return fields !== undefined;
  const keys = typeof step === 'string' ? [`f:${step}`] : Object.keys(fields).filter((key) => isItem(key, step.name));
  return keys.some((key) => owns(fields[key], rest));
}

/** `k:{"name":"app"}`, or with other keys beside the name. */
function isItem(key: string, name: string): boolean {
  return key.startsWith('k:') && JSON.parse(key.slice(2)).name === name;
}
