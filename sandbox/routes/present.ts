import { rulesOf } from '../registry/kind-rules.ts';
import { notAcceptable } from '../status-errors.ts';
import type { ServedKind, StoredObject } from '../store.ts';
import { metadataOf, tableOf, type TableOptions } from '../tables/table.ts';

/** In what form a client wants objects. */
export type Presentation = 'json' | 'table' | 'metadata';

/** The first form of the Accept header that there is. Throws StatusError 406: protobuf, CBOR and YAML are not spoken. */
export function presentationOf(accept: string | undefined): Presentation {
  for (const range of (accept ?? '*/*').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type!)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice('as='.length);
    if (as === undefined) return 'json';
    const isKnown = parameters.includes('g=meta.k8s.io') && parameters.includes('v=v1');
    if (isKnown && as === 'Table') return 'table';
    if (isKnown && /^PartialObjectMetadata(List)?$/.test(as)) return 'metadata';
  }
  throw notAcceptable(['application/json']);
}

export type PresentOptions = Omit<TableOptions, 'resourceVersion'>;

/** A body of the API in the form that was asked for; what is neither an object of the kind nor a list of them stays as it is. */
export function present(presentation: Presentation, kind: ServedKind, body: any, options: PresentOptions): unknown {
  const isList = body.kind === `${kind.kind}List`;
  if (presentation === 'json') return isList && rulesOf(kind).schema !== undefined ? withoutKinds(body) : body;
  if (!isList && body.kind !== kind.kind) return body;
  const objects: StoredObject[] = isList ? body.items : [body];
  const { resourceVersion } = body.metadata;
  if (presentation === 'table') return tableOf(kind, objects, { ...options, resourceVersion });
  if (!isList) return metadataOf(body);
  return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion }, items: objects.map(metadataOf) };
}

/** Items of a built-in list do not say what they are. */
function withoutKinds(list: any): unknown {
  return { ...list, items: list.items.map(({ apiVersion: _version, kind: _kind, ...item }: StoredObject) => item) };
}
