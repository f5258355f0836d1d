import { describeValue } from '../describe-value.ts';
import { printValue } from '../print-value.ts';
import { readName } from '../read-name.ts';
import { TemplateError } from '../template-error.ts';
import { asNumber, asObject } from './arguments.ts';
import type { HelperGroup } from './helper.ts';

/** Reading data by computed names, and deciding a value's type. */
export const data: HelperGroup = {
  lookup: { takes: [2, Infinity], run: ([object, ...keys]) => readName({ value: asObject(object), prefix: '' }, keys.map(asKey)) },
  has: { takes: [2, Infinity], run: ([object, ...keys]) => has(asObject(object), keys.map(asKey)) },
  length: { takes: 1, run: ([value]) => lengthOf(value) },
  json: { takes: 1, run: ([value]) => JSON.stringify(value, refuseNonFinite) },
  string: { takes: 1, run: ([value]) => printValue(value) },
  number: { takes: 1, run: ([value]) => asNumber(value) },
  int: { takes: 1, run: ([value]) => asInteger(value) },
};

/** Of a text in characters, as people count them. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new TemplateError(`expected a text, a list or an object, got ${describeValue(value)}`);
}

function asKey(key: unknown): string {
  return printValue(key, 'a key');
}

/** Whether all the keys are there, each in the one before, and the last is not null. */
function has(object: unknown, [key, ...rest]: string[]): boolean {
  if (key === undefined) return object !== null && object !== undefined;
  return typeof object === 'object' && object !== null && Object.hasOwn(object, key) && has(Reflect.get(object, key), rest);
}

// JSON.stringify writes them as null.
function refuseNonFinite(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TemplateError(`JSON has no number for ${value}`);
  return value;
}

function asInteger(value: unknown): number {
  const number = asNumber(value);
  if (Number.isInteger(number)) return number;
  throw new TemplateError(`expected an integer, got ${number}; use round, ceil or floor`);
}
