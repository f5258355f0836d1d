import { describeValue } from '../describe-value.ts';
import { TemplateError } from '../template-error.ts';
import { asNumber, isNumeric } from './arguments.ts';
import type { Helper, HelperGroup } from './helper.ts';

/** Comparisons and connectives, which return a boolean, and `default`. */
export const logic: HelperGroup = {
  eq: { takes: 2, run: ([left, right]) => isEqual(left, right) },
  ne: { takes: 2, run: ([left, right]) => !isEqual(left, right) },
  lt: comparison((left, right) => left < right),
  le: comparison((left, right) => left <= right),
  gt: comparison((left, right) => left > right),
  ge: comparison((left, right) => left >= right),
  and: { takes: [2, Infinity], run: (values) => values.every(isTrue) },
  or: { takes: [2, Infinity], run: (values) => values.some(isTrue) },
  default: { takes: 2, run: ([instead, value]) => (isTrue(value) ? value : instead) },
  not: { takes: 1, run: ([value]) => !isTrue(value) },
};

function comparison(compare: (left: number, right: number) => boolean): Helper {
  return { takes: 2, run: ([left, right]) => compare(asNumber(left), asNumber(right)) };
}

/** A number equals the text that spells it, because a category such as "4" is a text and a literal 4 is not. */
function isEqual(left: unknown, right: unknown): boolean {
  for (const value of [left, right]) {
    if (typeof value === 'object' && value !== null) {
      throw new TemplateError(`expected a text, number or boolean, got ${describeValue(value)}`);
    }
  }
  const mixed = typeof left !== typeof right && isNumeric(left) && isNumeric(right);
  return mixed ? Number(left) === Number(right) : left === right;
}

/** What `{{#if}}` takes for true: everything but false, null, 0, the empty text and the empty list. */
function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
