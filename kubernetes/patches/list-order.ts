import { isJsonObject, jsonType, type JsonObject } from './json-type.ts';
import { UnfitPatch } from './unfit-patch.ts';

/** The one type of a list's items; undefined for an empty list, which `some` forbids. Throws UnfitPatch. */
export function elementType(items: readonly unknown[], how: 'any' | 'some' = 'any'): string | undefined {
  const types = new Set(items.map(jsonType));
  if (types.has('array')) throw new UnfitPatch('inapplicable', 'lists of lists are not supported');
  if (types.size > 1) throw new UnfitPatch('unforeseen', `list element types are not identical: ${JSON.stringify(items)}`);
  if (types.size === 0 && how === 'some') throw new UnfitPatch('unforeseen', 'no elements in any of the given slices');
  return [...types][0];
}

/** Throws UnfitPatch for an item without the key by which its list is merged. */
export function mergeKeyOf(item: JsonObject, mergeKey: string): unknown {
  if (mergeKey in item) return item[mergeKey];
  throw new UnfitPatch('unforeseen', `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
}

/** Go compares interface values: two objects are never equal. */
export function isEqualScalar(a: unknown, b: unknown): boolean {
  return a === b && (typeof a !== 'object' || a === null);
}

/**
 * The items of the patch must come in the order that `$setElementOrder` wants; what only deletes has no place in it, and a directive at
 * the end of the patch counts as an item that the order does not have.
 */
export function checkOrder(changes: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void {
  if (changes.length === 0 || order.length === 0) return;
  const items = changes.filter((item) => mergeKey === undefined || !isJsonObject(item) || item['$patch'] !== 'delete');
  let [next, place] = [0, 0];
  while (next < items.length && place < order.length) {
    if (isDirective(items[next])) {
      next += 1;
      continue;
    }
    if (placeOf(items[next], [order[place]], mergeKey) === 0) next += 1;
    place += 1;
  }
  if (next === items.length) return;
  const message = `The order in patch list:\n${JSON.stringify(changes)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`;
  throw new UnfitPatch('unforeseen', message);
}

/**
 * The order of a list on the server as `arrange` gets it when the patch says `$setElementOrder`: the API server merges in place there,
 * so that items which the patch deletes make room in it for the first ones that it adds.
 */
export function orderAfterMerge(original: readonly unknown[], changes: readonly unknown[], mergeKey: string | undefined): unknown[] {
  const slots = [...original];
  if (mergeKey === undefined || changes.some((item) => !isJsonObject(item))) return slots;
  let length = slots.length;
  for (const item of changes) {
    if (!isDirective(item) || (item as JsonObject)['$patch'] !== 'delete') continue;
    for (let place = placeOf(item, slots.slice(0, length), mergeKey); place >= 0; place = placeOf(item, slots.slice(0, length), mergeKey)) {
      slots.copyWithin(place, place + 1, length);
      length -= 1;
    }
  }
  if (changes.some((item) => isDirective(item) && (item as JsonObject)['$patch'] === 'replace')) return slots;
  for (const item of changes) {
    if (isDirective(item) || placeOf(item, slots.slice(0, length), mergeKey) >= 0) continue;
    if (length === slots.length) break;
    slots[length] = item;
    length += 1;
  }
  return slots;
}

function isDirective(item: unknown): boolean {
  return isJsonObject(item) && '$patch' in item;
}

/**
 * A merged list in order: items of the patch as the patch has them, the others as the server had them, and each of the others before
 * the first item of the patch that came after it.
 */
export function arrange<Item>(
  merged: readonly Item[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string | undefined,
): Item[] {
  if (mergeKey !== undefined) {
    for (const item of [...merged, ...patchOrder, ...serverOrder]) mergeKeyOf(item as JsonObject, mergeKey);
  }
  const isPatched = (item: Item) => placeOf(item, patchOrder, mergeKey) >= 0;
  const patched = sorted(merged.filter(isPatched), patchOrder, mergeKey);
  const others = sorted(
    merged.filter((item) => !isPatched(item)),
    serverOrder,
    mergeKey,
  );
  return interleave(others, patched, serverOrder, mergeKey);
}

function interleave<Item>(others: Item[], patched: Item[], serverOrder: readonly unknown[], mergeKey: string | undefined): Item[] {
  const result: Item[] = [];
  let [next, nextPatched] = [0, 0];
  while (next < others.length && nextPatched < patched.length) {
    const [place, patchedPlace] = [placeOf(others[next], serverOrder, mergeKey), placeOf(patched[nextPatched], serverOrder, mergeKey)];
    if (place >= 0 && patchedPlace >= 0 && place < patchedPlace) result.push(others[next++]!);
    else result.push(patched[nextPatched++]!);
  }
  return [...result, ...others.slice(next), ...patched.slice(nextPatched)];
}

/** Go's stable sort with the comparison that the original has: an item that has no place sorts before its neighbor. */
function sorted<Item>(items: Item[], order: readonly unknown[], mergeKey: string | undefined): Item[] {
  const result: Item[] = [];
  for (const item of items) {
    let index = result.length;
    while (index > 0 && isBefore(item, result[index - 1]!, order, mergeKey)) index -= 1;
    result.splice(index, 0, item);
  }
  return result;
}

function isBefore(item: unknown, other: unknown, order: readonly unknown[], mergeKey: string | undefined): boolean {
  const [place, otherPlace] = [placeOf(item, order, mergeKey), placeOf(other, order, mergeKey)];
  return place >= 0 && otherPlace >= 0 ? place < otherPlace : true;
}

function placeOf(item: unknown, order: readonly unknown[], mergeKey: string | undefined): number {
  const value = (each: unknown) => (mergeKey !== undefined && isJsonObject(each) ? each[mergeKey] : each);
  return order.findIndex((each) => isEqualScalar(value(each), value(item)));
}
