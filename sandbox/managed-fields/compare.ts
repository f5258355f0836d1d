import { isDeepStrictEqual } from 'node:util';

import { fieldSet, NO_FIELDS, THIS_FIELD, union, type FieldSet } from './field-set.ts';
import { partsOf, type Part, type Shape } from './shape.ts';

/** The fields of which a value consists: sigs.k8s.io/structured-merge-diff, typed/tofieldset.go. */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  const parts = partsOf(value, shape);
  if (parts === undefined) return THIS_FIELD;
  return fieldSet(
    false,
    parts.map(({ element, value: item, shape: itemShape, isNamed }) => {
      const fields = partsOf(item, itemShape)?.length === 0 ? THIS_FIELD : fieldsOf(item, itemShape);
      // Items and keys exist by themselves; a struct's field only by its content.
      return [element, { ...fields, member: fields.member || !isNamed }];
    }),
  );
}

export type Comparison = { added: FieldSet; modified: FieldSet; removed: FieldSet };

/** What became of the fields from one value to the next; undefined is a value that is not there (typed/compare.go). */
export function compareFields(before: unknown, after: unknown, shape: Shape): Comparison {
  // null is how a list or map without anything in it is written.
  const [old, next] = [before, after].map((value) => (value === null ? [] : partsOf(value, shape)));
  const isLeaf = (before !== undefined && old === undefined) || (after !== undefined && next === undefined);
  if (isLeaf || ((old ?? []).length === 0 && (next ?? []).length === 0)) return compareLeaf(before, after);

  const [oldParts, nextParts] = [byElement(old ?? []), byElement(next ?? [])];
  const elements = [...new Set([...oldParts.keys(), ...nextParts.keys()])];
  const compared = elements.map((element): [string, Comparison] => {
    const [oldPart, nextPart] = [oldParts.get(element), nextParts.get(element)];
    return [element, compareFields(oldPart?.value, nextPart?.value, (nextPart ?? oldPart)!.shape)];
  });
  const only = (what: keyof Comparison, member: boolean) =>
    fieldSet(
      member,
      compared.map(([element, comparison]) => [element, comparison[what]]),
    );
  return {
    added: only('added', before === undefined),
    modified: only('modified', false),
    removed: only('removed', after === undefined),
  };
}

/** Fields that have another value now, or none any more. */
export function changedFields({ added, modified, removed }: Comparison): FieldSet {
  return union(union(added, modified), removed);
}

function compareLeaf(before: unknown, after: unknown): Comparison {
  const none = { added: NO_FIELDS, modified: NO_FIELDS, removed: NO_FIELDS };
  if (before === undefined && after === undefined) return none;
  if (before === undefined) return { ...none, added: THIS_FIELD };
  if (after === undefined) return { ...none, removed: THIS_FIELD };
  return isDeepStrictEqual(before, after) ? none : { ...none, modified: THIS_FIELD };
}

function byElement(parts: readonly Part[]): Map<string, Part> {
  return new Map(parts.map((part) => [part.element, part]));
}
