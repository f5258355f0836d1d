import { apiVersionOf } from '../api-version.ts';
import { rulesOf } from '../registry/kind-rules.ts';
import type { ServedKind, Store, StoredObject } from '../store.ts';
import type { Answer, ApiRequest } from './api-request.ts';
import { deleteOptions } from './delete-options.ts';
import { listOptions } from './list-options.ts';
import { selected } from './read.ts';

/** DELETE of one object: a Status when it is gone and its kind has nothing to say about it, else the object. */
export function deleteObject(store: Store, request: ApiRequest): Answer {
  const { kind, namespace, name } = request;
  const options = deleteOptions(request);
  const removed = store.remove(kind, namespace, name, options);
  const isGone = options.dryRun
    ? (removed.metadata.finalizers ?? []).length === 0
    : store.get(kind, namespace, name)?.metadata.uid !== removed.metadata.uid;
  const isSilentOrphaning = kind.group === 'batch' && kind.kind === 'Job' && options.propagation === undefined;
  return {
    code: 200,
    body: isGone && !rulesOf(kind).answersDeleted ? success(kind, removed) : removed,
    warnings: isSilentOrphaning ? [ORPHANED] : [],
  };
}

const ORPHANED =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

/** DELETE of all that the selectors match: the list of what there was. */
export function deleteCollection(store: Store, request: ApiRequest): Answer {
  const { kind, namespace, query } = request;
  listOptions(query, 'deletecollection');
  const options = deleteOptions(request);
  const objects = store.list(kind, namespace).filter(selected(request));
  const items = objects.map(({ metadata }) => store.remove(kind, metadata.namespace, metadata.name, options));
  const body = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: { resourceVersion: store.revision() }, items };
  return { code: 200, body };
}

function success({ group, plural }: ServedKind, { metadata: { name, uid } }: StoredObject) {
  const details = { name, ...(group === '' ? {} : { group }), kind: plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
