import { HELPERS } from './helpers/all.ts';
import { readName, type Base } from './read-name.ts';
import { TemplateError } from './template-error.ts';

/**
 * Like readName, for a path that a template writes: adds to an unknown name what else it may have meant, a helper without parentheses
 * or a name of the outermost object inside a block. Throws TemplateError.
 */
export function readPath(base: Base, parts: readonly string[], root: object): unknown {
  try {
    return readName(base, parts);
  } catch (error) {
    const [first = ''] = parts;
    if (!(error instanceof TemplateError) || base.prefix !== '') throw error;
    const isHelper = parts.length === 1 && HELPERS.has(first);
    if (isHelper) throw new TemplateError(`unknown name "${first}"; the helper is called as (${first} …)`, { cause: error });
    if (base.value === root || !Object.hasOwn(root, first)) throw error;
    const path = parts.join('.');
    throw new TemplateError(`unknown name "${path}" inside this block; write @root.${path}`, { cause: error });
  }
}
