import { isDeepStrictEqual } from 'node:util';

import { isJsonObject } from './json-type.ts';
import { ownField, setOwnField } from './own-fields.ts';
import { UnfitPatch } from './unfit-patch.ts';

/**
 * RFC 6902, all or nothing; throws UnfitPatch. As lenient as the library of the API server (evanphx/json-patch 4): `replace` also adds
 * a field, no value is null, also that of a field that is copied, and a negative index counts from the end.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw malformed('a JSON Patch is a list of operations');
  return patch.reduce((document, operation) => apply(document, operation), structuredClone(target));
}

function apply(document: unknown, operation: unknown): unknown {
  if (!isJsonObject(operation)) throw malformed('an operation is an object');
  const { op, path, from, value } = operation;
  if (typeof path !== 'string') throw malformed(`operation ${JSON.stringify(op)} has no path`);
  switch (op) {
    case 'add':
      return add(document, path, structuredClone(value ?? null));
    case 'replace':
      return replace(document, path, structuredClone(value ?? null));
    case 'remove':
      return remove(document, path);
    case 'test':
      if (isDeepStrictEqual(valueAt(document, path, op) ?? null, value ?? null)) return document;
      throw inapplicable(`testing value ${path} failed: test failed`);
    case 'copy':
    case 'move': {
      if (typeof from !== 'string') throw malformed(`operation "${op}" has no from`);
      const moved = structuredClone(valueAt(document, from, op) ?? null);
      return add(op === 'move' ? remove(document, from) : document, path, moved);
    }
    default:
      throw inapplicable(`Unexpected kind: ${String(op)}`);
  }
}

function add(document: unknown, path: string, value: unknown): unknown {
  if (path === '') return value;
  const { parent, key } = locate(document, path, 'add');
  if (!Array.isArray(parent)) {
    setOwnField(parent, key, value);
    return document;
  }
  const index = key === '-' ? parent.length : indexOf(key, parent.length + 1, path, 'add');
  if (index > parent.length) throw outOfBounds('add', path);
  parent.splice(index, 0, value);
  return document;
}

function replace(document: unknown, path: string, value: unknown): unknown {
  if (path === '') return value;
  const { parent, key } = locate(document, path, 'replace');
  if (Array.isArray(parent)) {
    const index = indexOf(key, parent.length, path, 'replace');
    if (index >= parent.length) throw outOfBounds('replace', path);
    parent[index] = value;
  } else setOwnField(parent, key, value);
  return document;
}

function remove(document: unknown, path: string): unknown {
  if (path === '') throw inapplicable('remove operation: the whole document cannot be removed');
  const { parent, key } = locate(document, path, 'remove');
  if (Array.isArray(parent)) {
    const index = indexOf(key, parent.length, path, 'remove');
    if (index >= parent.length) throw outOfBounds('remove', path);
    parent.splice(index, 1);
  } else if (Object.hasOwn(parent, key)) delete parent[key];
  else throw missing('remove', path);
  return document;
}

/** undefined when there is no such field; its parents, and items of lists, must be there. */
function valueAt(document: unknown, path: string, op: string): unknown {
  if (path === '') return document;
  const { parent, key } = locate(document, path, op);
  if (!Array.isArray(parent)) return ownField(parent, key);
  const index = indexOf(key, parent.length, path, op);
  if (index >= parent.length) throw outOfBounds(op, path);
  return parent[index];
}

function locate(document: unknown, path: string, op: string): { parent: Record<string, unknown> | unknown[]; key: string } {
  if (!path.startsWith('/')) throw missing(op, path);
  const keys = path.slice(1).split('/').map(unescape);
  let parent = document;
  for (const key of keys.slice(0, -1)) {
    parent = Array.isArray(parent)
      ? parent[indexOf(key, parent.length, path, op)]
      : isJsonObject(parent)
        ? ownField(parent, key)
        : undefined;
  }
  if (!Array.isArray(parent) && !isJsonObject(parent)) throw missing(op, path);
  return { parent, key: keys.at(-1)! };
}

/** RFC 6901. */
function unescape(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

function indexOf(key: string, length: number, path: string, op: string): number {
  if (/^\d+$/.test(key)) return Number(key);
  if (/^-\d+$/.test(key) && Number(key) >= -length) return length + Number(key);
  throw inapplicable(`${op} operation does not apply: doc is missing path: ${path}: "${key}" is no index of a list`);
}

function missing(op: string, path: string): UnfitPatch {
  return inapplicable(`${op} operation does not apply: doc is missing path: ${path}: missing value`);
}

function outOfBounds(op: string, path: string): UnfitPatch {
  return inapplicable(`${op} operation does not apply: doc is missing path: ${path}: index out of bounds`);
}

function inapplicable(message: string): UnfitPatch {
  return new UnfitPatch('inapplicable', message);
}

function malformed(message: string): UnfitPatch {
  return new UnfitPatch('malformed', message);
}
