import { difference, equalSets, fromFieldsV1, isEmptySet, toFieldsV1, type FieldSet } from './field-set.ts';

/** Who writes: the query parameter `fieldManager`, by which verb, and to which subresource. */
export type Manager = { name: string; operation: 'Update' | 'Apply'; apiVersion: string; subresource: string | undefined };

export type ManagedFields = { manager: Manager; fields: FieldSet; time: string };

/** The entries of an object's `metadata.managedFields`. */
export function readManagers(metadata: any): ManagedFields[] {
  const entries: any[] = metadata?.managedFields ?? [];
  return entries.map(({ manager, operation, apiVersion, subresource, time, fieldsV1 }) => ({
    manager: { name: manager, operation, apiVersion, subresource },
    fields: fromFieldsV1(fieldsV1 ?? {}),
    time,
  }));
}

/** In the order of the API server; undefined when nobody owns anything. */
export function writeManagers(managers: readonly ManagedFields[]): any[] | undefined {
  const owning = managers.filter(({ fields }) => !isEmptySet(fields));
  if (owning.length === 0) return undefined;
  return owning.toSorted(inOrder).map(({ manager: { name, operation, apiVersion, subresource }, fields, time }) => ({
    manager: name,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fields),
    ...(subresource === undefined ? {} : { subresource }),
  }));
}

export function isSameManager(a: Manager, b: Manager): boolean {
  return a.name === b.name && a.operation === b.operation && a.subresource === b.subresource;
}

/** One manager's fields become these, the others lose what it took; times are those of the last change. */
export function withFields(
  managers: readonly ManagedFields[],
  manager: Manager,
  change: (owned: FieldSet | undefined) => FieldSet,
  taken: FieldSet,
  time: string,
): ManagedFields[] {
  const mine = managers.find((entry) => isSameManager(entry.manager, manager));
  const fields = change(mine?.fields);
  const isSame = mine !== undefined && equalSets(mine.fields, fields);
  const others = managers.filter((entry) => entry !== mine);
  return [
    ...others.map((entry) => ({ ...entry, fields: difference(entry.fields, taken) })),
    { manager, fields, time: isSame ? mine.time : time },
  ];
}

function inOrder(a: ManagedFields, b: ManagedFields): number {
  const key = ({ manager, time }: ManagedFields) => [manager.operation, time, manager.name, manager.subresource ?? ''].join(' ');
  return key(a) < key(b) ? -1 : 1;
}
