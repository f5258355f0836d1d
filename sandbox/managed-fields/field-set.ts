/**
 * Paths of fields as a tree. Its elements are written as in FieldsV1: `f:name` for a field, `k:{…}` for the item of a list with these
 * keys, `v:…` for an item of a set. `member` says that the path that ends here belongs to the set.
 */
export type FieldSet = { member: boolean; children: ReadonlyMap<string, FieldSet> };

export const NO_FIELDS: FieldSet = { member: false, children: new Map() };
export const THIS_FIELD: FieldSet = { member: true, children: new Map() };

export function isEmptySet({ member, children }: FieldSet): boolean {
  return !member && children.size === 0;
}

/** A set of children, of which the empty ones are left out. */
export function fieldSet(member: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  return { member, children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const elements = new Set([...a.children.keys(), ...b.children.keys()]);
  return fieldSet(
    a.member || b.member,
    [...elements].map((element) => [element, union(a.children.get(element) ?? NO_FIELDS, b.children.get(element) ?? NO_FIELDS)]),
  );
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return fieldSet(
    a.member && !b.member,
    [...a.children].map(([element, child]) => [element, difference(child, b.children.get(element) ?? NO_FIELDS)]),
  );
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return fieldSet(
    a.member && b.member,
    [...a.children].map(([element, child]) => [element, intersection(child, b.children.get(element) ?? NO_FIELDS)]),
  );
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return isEmptySet(difference(a, b)) && isEmptySet(difference(b, a));
}

/** The paths as messages have them: `.spec.replicas`, `.spec.containers[name="app"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  return [...set.children].flatMap(([element, child]) => {
    const path = prefix + describeElement(element);
    return [...(child.member ? [path] : []), ...pathsOf(child, path)];
  });
}

/** As `metadata.managedFields` has it: k8s.io/apimachinery/pkg/apis/meta/v1, FieldsV1. */
export function toFieldsV1(set: FieldSet): Record<string, any> {
  const sorted = [...set.children].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const children = sorted.map(([element, child]): [string, any] => [element, toFieldsV1(child)]);
  return Object.fromEntries(set.member && children.length > 0 ? [['.', {}], ...children] : children);
}

export function fromFieldsV1(fields: Record<string, any>): FieldSet {
  const children = Object.entries(fields).filter(([element]) => element !== '.');
  return fieldSet(
    '.' in fields,
    children.map(([element, child]) => [element, Object.keys(child).length === 0 ? THIS_FIELD : fromFieldsV1(child)]),
  );
}

function describeElement(element: string): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${rest}`;
    case 'k:':
      return `[${Object.entries(JSON.parse(rest))
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}]`;
    default:
      return `[=${rest}]`;
  }
}
