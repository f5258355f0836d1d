import type { ServedKind, StoredObject } from './store.ts';

/** The kinds that a CustomResourceDefinition serves, one for each version. */
export function customKinds({ spec }: Pick<StoredObject, 'spec'>): ServedKind[] {
  const versions: any[] = spec.versions ?? [];
  return versions
    .filter(({ served }) => served === true)
    .map(({ name, subresources }) => ({
      group: spec.group,
      version: name,
      kind: spec.names.kind,
      plural: spec.names.plural,
      namespaced: spec.scope === 'Namespaced',
      status: subresources?.status !== undefined,
      shortNames: spec.names.shortNames ?? [],
    }));
}
