import { isJsonObject } from './json-type.ts';
import { ownField, setOwnField } from './own-fields.ts';

/** RFC 7386: objects are merged, null removes, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setOwnField(result, key, mergePatch(ownField(result, key), value));
  }
  return result;
}
