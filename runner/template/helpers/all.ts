import { arithmetic } from './arithmetic.ts';
import { data } from './data.ts';
import type { Helper } from './helper.ts';
import { logic } from './logic.ts';
import { measures } from './measures.ts';
import { printf } from './printf.ts';
import { resources } from './resources.ts';
import { text } from './text.ts';
import { units } from './units.ts';
import { utilization } from './utilization.ts';

/** Every function that templates can call, by name; docs/templates.md has an example of each. */
export const HELPERS: ReadonlyMap<string, Helper> = new Map(
  [measures, resources, units, utilization, data, arithmetic, logic, text, printf].flatMap((group) => Object.entries(group)),
);
