import { applyConfiguration } from '../managed-fields/apply.ts';
import { jsonPatch } from '../../kubernetes/patches/json.ts';
import { isJsonObject } from '../../kubernetes/patches/json-type.ts';
import { mergePatch } from '../../kubernetes/patches/merge.ts';
import { strategicMergePatch } from '../../kubernetes/patches/strategic.ts';
import { UnfitPatch } from '../../kubernetes/patches/unfit-patch.ts';
import { whyUnfit } from '../registry/decode.ts';
import { invalid, required } from '../registry/field-error.ts';
import { rulesOf } from '../registry/kind-rules.ts';
import { badRequest, invalidObject, methodNotAllowed, unsupportedMediaType } from '../status-errors.ts';
import { StatusError, type NewObject, type ServedKind, type Store, type StoredObject } from '../store.ts';
import type { Answer, ApiRequest } from './api-request.ts';
import { booleanOption } from './query-options.ts';
import { existing } from './read.ts';
import { badOption, writeOptions } from './write-options.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';

/** Throws StatusError 415 for a media type that is no patch at all. */
export function checkPatchType(contentType: string): void {
  if ([JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH].includes(contentType)) return;
  throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** PATCH of an object or its status, by the content type. Throws StatusError 415 for one that the kind does not have. */
export function patchObject(store: Store, request: ApiRequest): Answer {
  const { kind, namespace, name, subresource, contentType, body } = request;
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(isTyped(kind) ? [STRATEGIC_PATCH] : []), APPLY_PATCH];
  if (!accepted.includes(contentType)) throw unsupportedMediaType(accepted);
  if (contentType === APPLY_PATCH) return applyObject(store, request);

  if (name === '') throw methodNotAllowed();
  const current = existing(store, kind, namespace, name);
  const patched = patchedObject(kind, current, contentType, body);
  const unfit = whyUnfit(kind, patched);
  if (unfit !== undefined) throw invalidObject({ group: '', kind: '' }, '', [invalid('patch', JSON.stringify(body), unfit)]);
  const warnings: string[] = [];
  const options = { ...writeOptions(request, warnings), status: subresource === 'status', finalize: subresource === 'finalize' };
  return { code: 200, body: store.update(kind, namespace, name, patched, options), warnings };
}

/** Server-side apply: creates what is not there; ownership is by field, taken by `force`. */
function applyObject(store: Store, request: ApiRequest): Answer {
  const { kind, namespace, name, subresource, query, body } = request;
  if (!query.get('fieldManager')) throw badOption('PatchOptions', required('fieldManager', 'is required for apply patch'));
  if (body?.apiVersion === undefined || body.kind === undefined) {
    throw badRequest(`invalid object type: ${body?.apiVersion ?? '/'}, Kind=${body?.kind ?? ''}`);
  }
  const warnings: string[] = [];
  const { manager, ...options } = writeOptions(request, warnings);
  const current = store.get(kind, namespace, name);
  const given: NewObject = { ...body, metadata: { ...body?.metadata, name } };
  const next = applyConfiguration(kind, current, given, {
    manager,
    subresource,
    force: booleanOption(query, 'force') ?? false,
    time: store.clock.now(),
    onUnknownFields: options.onUnknownFields,
  });
  const object =
    current === undefined
      ? store.create(kind, namespace, next, { ...options, manager: 'given' })
      : store.update(kind, namespace, name, next, { ...options, manager: 'given', status: subresource === 'status' });
  return { code: current === undefined ? 201 : 200, body: object, warnings };
}

/** Custom resources have no Go type, so no merge keys. */
function isTyped(kind: ServedKind): boolean {
  return rulesOf(kind).schema !== undefined;
}

function patchedObject(kind: ServedKind, current: StoredObject, contentType: string, body: unknown): NewObject {
  try {
    switch (contentType) {
      case JSON_PATCH:
        return jsonPatch(current, body) as NewObject;
      case MERGE_PATCH:
        if (!isJsonObject(body)) throw new UnfitPatch('malformed', 'error decoding patch: it is no JSON object');
        return mergePatch(current, body) as NewObject;
      default:
        return strategicMergePatch(current, body, rulesOf(kind).schema!);
    }
  } catch (error) {
    if (!(error instanceof UnfitPatch)) throw error;
    throw refusal(error);
  }
}

function refusal({ problem, message }: UnfitPatch): StatusError {
  switch (problem) {
    case 'malformed':
      return badRequest(message);
    case 'inapplicable':
      return new StatusError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`, {});
    case 'unforeseen':
      return new StatusError(500, '', message);
  }
}
