import { describeValue } from './describe-value.ts';
import { knownNames } from './known-names.ts';
import { TemplateError } from './template-error.ts';

/** Where a path begins: `prefix` is how messages write it (`''` for the current object, `../`, `@root.`, a block parameter `item.`). */
export type Base = { value: unknown; prefix: string };

/**
 * Follows a path through plain data. Only own properties are names, so prototypes are out of reach, and a name that is not there is
 * an error wherever it is read. Throws TemplateError naming the part of the path that failed and the names known there.
 */
export function readName(base: Base, parts: readonly string[]): unknown {
  if (base.value === undefined) throw new TemplateError(explainMissingBase(base.prefix));
  let value: unknown = base.value;
  for (const [index, part] of parts.entries()) value = readPart(value, part, base.prefix, parts.slice(0, index));
  return value;
}

function readPart(owner: unknown, part: string, prefix: string, parents: string[]): unknown {
  const name = showPath(prefix, [...parents, part]);
  if (typeof owner !== 'object' || owner === null) {
    throw new TemplateError(`unknown name "${name}"; ${showOwner(prefix, parents)} is ${describeValue(owner)}, which has no names`);
  }
  const value: unknown = Object.hasOwn(owner, part) ? Reflect.get(owner, part) : undefined;
  if (typeof value === 'function') throw new TemplateError(`"${name}" is a function, not data`);
  if (value !== undefined) return value;
  if (Array.isArray(owner)) throw new TemplateError(`unknown name "${name}"; ${showOwner(prefix, parents)} is a list of ${owner.length}`);
  throw new TemplateError(`unknown name "${name}"; ${knownNames(part, definedNames(owner))}`);
}

function definedNames(owner: object): string[] {
  return Object.entries(owner).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

function explainMissingBase(prefix: string): string {
  if (prefix.startsWith('@')) return `"${trimSeparator(prefix)}" has no value here; it is known inside {{#each}}`;
  return `"${trimSeparator(prefix)}" is outside of the outermost object`;
}

/** As the template would have to write it: names that hold more than letters, digits, `_` and `-` in brackets. */
function showPath(prefix: string, parts: readonly string[]): string {
  return prefix + parts.map((part) => (/^[\w-]+$/.test(part) ? part : `[${part}]`)).join('.');
}

function showOwner(prefix: string, parents: readonly string[]): string {
  const path = trimSeparator(showPath(prefix, parents));
  return path === '' ? '"this"' : `"${path}"`;
}

function trimSeparator(path: string): string {
  return path.replace(/[./]$/, '');
}
