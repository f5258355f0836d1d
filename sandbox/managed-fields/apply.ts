import { apiVersionOf } from '../api-version.ts';
import { decodeSparsely } from '../registry/decode.ts';
import { rulesOf } from '../registry/kind-rules.ts';
import { timestamp } from '../timestamp.ts';
import { StatusError, type NewObject, type ServedKind, type StoredObject, type WriteOptions } from '../store.ts';
import { changedFields, compareFields, fieldsOf } from './compare.ts';
import { difference, intersection, isEmptySet, NO_FIELDS, pathsOf, union, type FieldSet } from './field-set.ts';
import { isSameManager, readManagers, withFields, writeManagers, type ManagedFields, type Manager } from './managers.ts';
import { mergeApplied, removeFields } from './merge-applied.ts';
import { objectShape } from './shape.ts';
import { withoutIdentity } from './track.ts';

export type ApplyOptions = {
  manager: string;
  subresource: string | undefined;
  /** Takes over fields of others; without it they are a conflict. */
  force: boolean;
  time: Date;
  onUnknownFields: WriteOptions['onUnknownFields'];
};

/**
 * The object after a server-side apply, managedFields included, not yet completed or validated: what is applied is merged in, and what
 * the manager applied before and does not any more is removed, unless somebody else owns it too. Throws StatusError 409 with the
 * conflicts. After sigs.k8s.io/structured-merge-diff/merge/update.go; lists without a schema count as a whole.
 */
export function applyConfiguration(
  kind: ServedKind,
  current: StoredObject | undefined,
  given: NewObject,
  { manager: name, subresource, force, time, onUnknownFields }: ApplyOptions,
): NewObject {
  const unknown: string[] = [];
  const applied = decodeSparsely(kind, given, unknown);
  if (unknown.length > 0) onUnknownFields?.(unknown);
  delete applied.metadata.managedFields;

  const shape = objectShape(rulesOf(kind).schema);
  const manager: Manager = { name, operation: 'Apply', apiVersion: apiVersionOf(kind), subresource };
  const managers = readManagers(current?.metadata);
  const fields = fieldsOf(withoutEmptyMetadata(withoutIdentity(applied)), shape);
  const isMine = (entry: ManagedFields) => isSameManager(entry.manager, manager);
  const mine = managers.find(isMine)?.fields ?? NO_FIELDS;
  const others = managers.filter((entry) => !isMine(entry));
  const dropped = others.reduce((rest, entry) => difference(rest, entry.fields), difference(mine, fields));

  const merged = removeFields(mergeApplied(current ?? {}, applied, shape), dropped, shape);
  const compared = compareFields(withoutIdentity(current ?? {}), withoutIdentity(merged), shape);
  if (!force) refuseConflicts(others, union(compared.added, compared.modified));

  const entries = withFields(managers, manager, () => fields, changedFields(compared), timestamp(time));
  return { ...merged, metadata: { ...merged.metadata, managedFields: writeManagers(entries) } };
}

/** Who applies nothing but a name owns nothing of the metadata. */
function withoutEmptyMetadata({ metadata, ...rest }: any): any {
  return Object.keys(metadata).length === 0 ? rest : { metadata, ...rest };
}

function refuseConflicts(others: readonly ManagedFields[], changed: FieldSet): void {
  const conflicts = others.flatMap(({ manager, fields }) => {
    const contested = intersection(fields, changed);
    return isEmptySet(contested) ? [] : pathsOf(contested).map((field) => ({ field, message: `conflict with ${describe(manager)}` }));
  });
  if (conflicts.length === 0) return;
  const count = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`;
  const message = `Apply failed with ${count}: ${conflicts.map((conflict) => `${conflict.message}: ${conflict.field}`).join('\n')}`;
  const causes = conflicts.map((conflict) => ({ reason: 'FieldManagerConflict', ...conflict }));
  throw new StatusError(409, 'Conflict', message, { causes });
}

function describe({ name, operation, apiVersion, subresource }: Manager): string {
  const where = subresource === undefined ? '' : ` with subresource "${subresource}"`;
  return operation === 'Apply' ? `"${name}"${where}` : `"${name}"${where} using ${apiVersion}`;
}
