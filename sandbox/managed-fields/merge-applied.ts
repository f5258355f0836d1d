import type { FieldSet } from './field-set.ts';
import { NO_FIELDS } from './field-set.ts';
import { partsOf, type Part, type Shape } from './shape.ts';

/** Merges what is applied into what there is; items of lists by their keys, in the order in which they were, new ones at the end. */
export function mergeApplied(live: any, applied: any, shape: Shape): any {
  const [liveParts, appliedParts] = [partsOf(live, shape), partsOf(applied, shape)];
  if (liveParts === undefined || appliedParts === undefined) return applied;
  const changes = new Map(appliedParts.map((part) => [part.element, part]));
  const merged = liveParts.map((part) => {
    const change = changes.get(part.element);
    changes.delete(part.element);
    return change === undefined ? part : { ...part, value: mergeApplied(part.value, change.value, change.shape) };
  });
  return assemble([...merged, ...changes.values()], shape);
}

/** The value without the fields of the set; undefined when nothing is left that could be kept. */
export function removeFields(value: any, set: FieldSet, shape: Shape): any {
  const parts = partsOf(value, shape);
  if (parts === undefined) return value;
  const kept = parts.flatMap((part) => {
    const within = set.children.get(part.element) ?? NO_FIELDS;
    // An item goes as a whole, with what the server added to it.
    if (within.member) return [];
    return [within.children.size === 0 ? part : { ...part, value: removeFields(part.value, within, part.shape) }];
  });
  return assemble(kept, shape);
}

function assemble(parts: readonly Part[], shape: Shape): any {
  if (shape.is === 'list' || shape.is === 'set') return parts.map(({ value }) => value);
  return Object.fromEntries(parts.map(({ element, value }) => [element.slice('f:'.length), value]));
}
