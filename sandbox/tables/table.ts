import type { ServedKind, StoredObject } from '../store.ts';
import type { Column } from './column.ts';
import { columnsOf } from './columns.ts';

export type TableOptions = {
  now: Date;
  resourceVersion: string;
  /** How much of each object goes along: all, its metadata, or nothing. */
  include: 'Object' | 'Metadata' | 'None';
  /** Later tables of a watch have none. */
  headers: boolean;
};

/** Objects as kubectl prints them (`as=Table`): k8s.io/apimachinery/pkg/apis/meta/v1, Table. */
export function tableOf(
  kind: Pick<ServedKind, 'group' | 'kind'>,
  objects: readonly StoredObject[],
  { now, resourceVersion, include, headers }: TableOptions,
) {
  const columns = columnsOf(kind);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: headers ? columns.map(definition) : null,
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, now) ?? ''),
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : metadataOf(object) }),
    })),
  };
}

/** An object of which only the metadata is asked for (`as=PartialObjectMetadata`). */
export function metadataOf({ metadata }: Pick<StoredObject, 'metadata'>) {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function definition({ name, type, format, wide }: Column) {
  return { name, type: type ?? 'string', format: format ?? '', description: '', priority: wide === true ? 1 : 0 };
}
