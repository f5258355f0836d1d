import { structNamed, type FieldSchema, type TypeSchema } from '../schema/schema.ts';
import { isJsonObject, jsonType, type JsonObject } from './json-type.ts';
import { arrange, checkOrder, elementType, isEqualScalar, mergeKeyOf, orderAfterMerge } from './list-order.ts';
import { ownField, setOwnField } from './own-fields.ts';
import { UnfitPatch } from './unfit-patch.ts';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

/**
 * Merges a strategic merge patch into an object of a type of the Kubernetes API: lists are merged by the keys of the type, `$patch`,
 * `$retainKeys`, `$setElementOrder` and `$deleteFromPrimitiveList` are obeyed. Throws UnfitPatch. Follows
 * k8s.io/apimachinery/pkg/util/strategicpatch/patch.go step by step, so that odd patches come out as they do there.
 */
export function strategicMergePatch(target: JsonObject, patch: unknown, struct: string): JsonObject {
  if (!isJsonObject(patch)) throw new UnfitPatch('malformed', 'the patch is no JSON object');
  return mergeMap(target, patch, { is: 'struct', name: struct });
}

function mergeMap(original: JsonObject, patch: JsonObject, type: TypeSchema): JsonObject {
  if (Object.hasOwn(patch, PATCH)) return obeyDirective(patch);

  const result = retainKeys(original, patch);
  const ordered = mergeOrderedLists(result, patch, type);
  for (const [name, value] of Object.entries(patch)) {
    if (name === RETAIN_KEYS || name.startsWith(ELEMENT_ORDER) || ordered.has(name)) continue;
    const isDeletion = name.startsWith(DELETE_FROM);
    const key = isDeletion ? listName(name, DELETE_FROM) : name;
    if (value === null) delete result[key];
    else if (jsonType(ownField(result, key)) !== jsonType(value)) {
      if (!isDeletion) set(result, key, withoutDirectives(withoutNulls(value)));
    } else set(result, key, mergeValue(ownField(result, key), value, key, type, isDeletion));
  }
  return result;
}

/** Both values are of the same type of JSON. */
function mergeValue(original: unknown, patch: unknown, key: string, type: TypeSchema, isDeletion: boolean): unknown {
  if (isJsonObject(original)) {
    const field = fieldOf(type, key);
    return field.patch.strategy === 'replace' ? patch : mergeMap(original, patch as JsonObject, field.type);
  }
  if (!Array.isArray(original)) return withoutDirectives(patch);
  const field = fieldOf(type, key);
  return mergeListField(original, patch as unknown[], field, isDeletion);
}

function mergeListField(original: unknown[], patch: unknown[], field: FieldSchema, isDeletion: boolean): unknown[] {
  if (field.patch.strategy !== 'merge' && !isDeletion) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const isOfMaps = elementType([...original, ...patch]) === 'object';
  if (isOfMaps) return mergeMaps(original as JsonObject[], patch as JsonObject[], field);
  if (isDeletion) return original.filter((item) => !patch.some((other) => isEqualScalar(item, other)));
  const merged = [...original, ...patch];
  const distinct = merged.filter((item, index) => merged.findIndex((other) => isEqualScalar(item, other)) === index);
  return arrange(distinct, patch, original, undefined);
}

function mergeMaps(original: JsonObject[], patch: JsonObject[], field: FieldSchema): unknown[] {
  const { mergeKey } = field.patch;
  if (mergeKey === undefined) throw new UnfitPatch('unforeseen', 'cannot merge lists without merge key for struct');
  const { kept, items } = obeyItemDirectives(original, patch, mergeKey);
  const merged = [...kept];
  for (const item of items) {
    const key = mergeKeyOf(item, mergeKey);
    const index = merged.findIndex((other) => isEqualScalar(other[mergeKey], key));
    if (index === -1) merged.push(item);
    else merged[index] = mergeMap(merged[index]!, item, itemType(field));
  }
  return arrange(merged, items, kept, mergeKey);
}

/** Items with `$patch` say what becomes of the list; they are not part of it. */
function obeyItemDirectives(original: JsonObject[], patch: JsonObject[], mergeKey: string): { kept: JsonObject[]; items: JsonObject[] } {
  const items = patch.filter((item) => !(PATCH in item));
  let kept = original;
  let isReplaced = false;
  for (const item of patch) {
    if (!(PATCH in item)) continue;
    if (item[PATCH] === 'replace') isReplaced = true;
    else if (item[PATCH] === 'delete') {
      const key = mergeKeyOf(item, mergeKey);
      kept = kept.filter((other) => !isEqualScalar(other[mergeKey], key));
    } else if (item[PATCH] === 'merge') throw new UnfitPatch('unforeseen', 'merging lists cannot yet be specified in the patch');
    else throw unknownDirective(item);
  }
  return isReplaced ? { kept: items, items: [] } : { kept, items };
}

/** `$patch` in an object is about the object itself. */
function obeyDirective(patch: JsonObject): JsonObject {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw unknownDirective(patch);
}

/** A copy of the object with the fields that `$retainKeys` names; all of them without it. */
function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  if (!(RETAIN_KEYS in patch)) return { ...original };
  const kept = patch[RETAIN_KEYS];
  const isDirective = (key: string) => key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(ELEMENT_ORDER);
  const given = Object.entries(patch).filter(([key, value]) => value !== null && !isDirective(key));
  if (!Array.isArray(kept) || given.some(([key]) => !kept.includes(key))) {
    throw new UnfitPatch('malformed', 'invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.includes(key)));
}

/** Carries out `$setElementOrder` with the lists that it is about, and gives their names. */
function mergeOrderedLists(result: JsonObject, patch: JsonObject, type: TypeSchema): Set<string> {
  const done = new Set<string>();
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(ELEMENT_ORDER)) continue;
    const key = listName(name, ELEMENT_ORDER);
    const [original, changes] = [listAt(result, key), listAt(patch, key)];
    if (!Array.isArray(order)) throw new UnfitPatch('unforeseen', `expected a []interface {}, but received a ${jsonType(order)}`);
    const field = fieldOf(type, key);
    const { mergeKey } = field.patch;
    checkOrder(changes ?? [], order, mergeKey);
    if (original === undefined && changes === undefined) continue;

    const merged =
      changes === undefined
        ? original!
        : original === undefined
          ? (withoutDirectives(changes) as unknown[])
          : mergeListField(original, changes, field, false);
    elementType([...(original ?? []), ...(changes ?? [])], 'some');
    const isMerged = field.patch.strategy === 'merge' && original !== undefined && changes !== undefined;
    const serverOrder = isMerged ? orderAfterMerge(original, changes, mergeKey) : (original ?? []);
    setOwnField(result, key, arrange(merged, order, serverOrder, mergeKey));
    done.add(key);
  }
  return done;
}

function listAt(object: JsonObject, key: string): unknown[] | undefined {
  const value = ownField(object, key);
  if (value === undefined || Array.isArray(value)) return value;
  throw new UnfitPatch('unforeseen', `expected a []interface {}, but received a ${jsonType(value)}`);
}

function listName(name: string, prefix: string): string {
  return name.slice(prefix.length);
}

function fieldOf(type: TypeSchema, key: string): FieldSchema {
  const field = type.is === 'struct' ? structNamed(type.name).fields.get(key) : undefined;
  if (field !== undefined) return field;
  const where = type.is === 'struct' ? `struct ${type.name}` : 'a type without fields';
  throw new UnfitPatch('unforeseen', `unable to find api field in ${where} for the json field "${key}"`);
}

function itemType({ type }: FieldSchema): TypeSchema {
  return type.is === 'list' ? type.of : type;
}

/** Nothing is set to a value that was only a directive. */
function set(object: JsonObject, key: string, value: unknown): void {
  if (value === undefined) delete object[key];
  else setOwnField(object, key, value);
}

/** In what is new to the object directives have nothing to act on; undefined for what is one. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (PATCH in value) return undefined;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, withoutDirectives(item)]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}

function unknownDirective(patch: JsonObject): UnfitPatch {
  return new UnfitPatch('unforeseen', `unknown patch type: ${String(patch[PATCH])} in map: ${JSON.stringify(patch)}`);
}
