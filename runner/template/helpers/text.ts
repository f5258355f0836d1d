import { TemplateError } from '../template-error.ts';
import { printValue } from '../print-value.ts';
import { describeValue } from '../describe-value.ts';
import { asNumber } from './arguments.ts';
import type { Helper, HelperGroup } from './helper.ts';

/** Functions over texts; numbers and booleans are taken as they print. */
export const text: HelperGroup = {
  lower: writing(1, (value) => value.toLowerCase()),
  upper: writing(1, (value) => value.toUpperCase()),
  trim: writing(1, (value) => value.trim()),
  replace: writing(3, (value, from, to) => value.replaceAll(from, () => to)),
  concat: writing([1, Infinity], (...parts) => parts.join('')),
  trunc: { takes: 2, run: ([length, value]) => cut(printValue(value, 'an argument'), length) },
  quote: writing(1, (value) => JSON.stringify(value)),
  split: writing(2, (value, separator) => value.split(separator)),
  join: {
    takes: 2,
    run: ([list, separator]) =>
      asArray(list)
        .map((item) => printValue(item, 'an item'))
        .join(printValue(separator)),
  },
};

function writing(takes: Helper['takes'], write: (...texts: string[]) => string | string[]): Helper {
  return { takes, run: (values) => write(...values.map((value) => printValue(value, 'an argument'))) };
}

/** The first characters, or the last for a negative length. */
function cut(value: string, length: unknown): string {
  const count = asNumber(length);
  if (!Number.isInteger(count)) throw new TemplateError(`expected a whole number of characters, got ${count}`);
  const characters = Array.from(value);
  return (count < 0 ? characters.slice(count) : characters.slice(0, count)).join('');
}

function asArray(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`expected a list, got ${describeValue(value)}`);
}
