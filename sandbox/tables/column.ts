import type { StoredObject } from '../store.ts';

/** One column; `wide` ones are for `-o wide`, the `format` `name` marks the object's name. */
export type Column = { name: string; type?: 'integer'; format?: 'name'; wide?: true; cell(object: StoredObject, now: Date): unknown };
