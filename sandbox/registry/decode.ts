import { apiVersionOf } from '../api-version.ts';
import { conform, conformSparsely, UnfitValue } from '../schema/conform.ts';
import { badRequest } from '../status-errors.ts';
import type { NewObject, ServedKind } from '../store.ts';
import { rulesOf } from './kind-rules.ts';

/**
 * An object as its kind's registry sees it: whole, with known fields only, in their order; a new object of its own. `unknown`
 * collects the paths of dropped fields. Throws StatusError 400 for values of the wrong type, and for another kind's object.
 */
export function decode(kind: ServedKind, object: NewObject, unknown: string[] = []): any {
  checkKind(kind, object);
  return decodeWith(conform, kind, object, unknown);
}

/** What an object of the kind consists of before anything is known of it: structs that are never absent. */
export function emptyObject(kind: ServedKind): any {
  return decodeWith(conform, kind, {}, []);
}

/** Like decode, for what somebody applies, which says nothing about the fields that it leaves out. */
export function decodeSparsely(kind: ServedKind, object: NewObject, unknown: string[] = []): any {
  checkKind(kind, object);
  return decodeWith(conformSparsely, kind, object, unknown);
}

/** Why a value is no object of the kind: a field of the wrong type; undefined when it is one. */
export function whyUnfit(kind: ServedKind, object: NewObject): string | undefined {
  const { schema } = rulesOf(kind);
  try {
    if (schema === undefined) conform(object?.metadata, 'ObjectMeta');
    else conform(object, schema);
    return undefined;
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    return error.message;
  }
}

function decodeWith(conformTo: typeof conform, kind: ServedKind, object: NewObject, unknown: string[]): any {
  const identity = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  const { schema } = rulesOf(kind);
  try {
    if (schema !== undefined) return { ...identity, ...conformTo(object, schema, unknown), ...identity };
    const { metadata, apiVersion: _version, kind: _kind, ...rest } = structuredClone(object);
    const paths: string[] = [];
    const conformed = conformTo(metadata, 'ObjectMeta', paths);
    unknown.push(...paths.map((path) => `metadata.${path}`));
    return { ...identity, metadata: conformed, ...rest };
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${error.message}`);
  }
}

function checkKind(kind: ServedKind, object: NewObject): void {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw badRequest('the object provided is unrecognized: it is no JSON object');
  }
  if (rulesOf(kind).schema === undefined && (object.kind === undefined || object.apiVersion === undefined)) {
    const missing = object.kind === undefined ? 'Kind' : 'apiVersion';
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): Object '${missing}' is missing`);
  }
  const expected = apiVersionOf(kind);
  if (object.apiVersion !== undefined && object.apiVersion !== expected) {
    throw badRequest(`the API version in the data (${object.apiVersion}) does not match the expected API version (${expected})`);
  }
  if (object.kind !== undefined && object.kind !== kind.kind) {
    throw badRequest(`${object.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}`);
  }
}
