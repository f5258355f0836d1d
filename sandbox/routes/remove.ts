import { apiVersionOf } from '../api-version.ts';
import { notSupported } from '../registry/field-error.ts';
import { rulesOf } from '../registry/kind-rules.ts';
import { invalidObject } from '../status-errors.ts';
import type { Propagation, ServedKind, Store, StoredObject } from '../store.ts';
import { isTrue, type Answer, type ApiRequest } from './api-request.ts';
import { selected } from './read.ts';
import { isDryRun } from './write-options.ts';

/** DELETE of one object: a Status when it is gone and its kind has nothing to say about it, else the object. */
export function deleteObject(store: Store, request: ApiRequest): Answer {
  const { kind, namespace, name } = request;
  const options = deleteOptions(request);
  const removed = store.remove(kind, namespace, name, options);
  const isGone = options.dryRun || store.get(kind, namespace, name)?.metadata.uid !== removed.metadata.uid;
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
  const { kind, namespace } = request;
  const options = deleteOptions(request);
  const objects = store.list(kind, namespace).filter(selected(request));
  const items = objects.map(({ metadata }) => store.remove(kind, metadata.namespace, metadata.name, options));
  const body = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: { resourceVersion: store.revision() }, items };
  return { code: 200, body };
}

const PROPAGATIONS: readonly string[] = ['Foreground', 'Background', 'Orphan'];

/** From the body or, where it says nothing, from the query. Throws StatusError 422. */
function deleteOptions({ body = {}, query }: ApiRequest) {
  const propagation = body.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  if (propagation !== undefined && !PROPAGATIONS.includes(propagation)) {
    const error = notSupported('propagationPolicy', propagation, [...PROPAGATIONS, 'nil']);
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [error]);
  }
  const grace = body.gracePeriodSeconds ?? query.get('gracePeriodSeconds') ?? undefined;
  return {
    uid: body.preconditions?.uid as string | undefined,
    resourceVersion: body.preconditions?.resourceVersion as string | undefined,
    propagation: (propagation ?? oldOrphaning(body.orphanDependents ?? query.get('orphanDependents') ?? undefined)) as
      | Propagation
      | undefined,
    gracePeriodSeconds: grace === undefined ? undefined : Number(grace),
    dryRun: isDryRun(query, 'DeleteOptions') || body.dryRun?.includes('All') === true,
  };
}

/** What `propagationPolicy` was called before. */
function oldOrphaning(orphan: boolean | string | undefined): Propagation | undefined {
  if (orphan === undefined) return undefined;
  return orphan === true || isTrue(String(orphan)) ? 'Orphan' : 'Background';
}

function success({ group, plural }: ServedKind, { metadata: { name, uid } }: StoredObject) {
  const details = { name, ...(group === '' ? {} : { group }), kind: plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
