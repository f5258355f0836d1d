import { TemplateError } from '../template-error.ts';
import { asNumber } from './arguments.ts';
import type { Helper, HelperGroup } from './helper.ts';
import { tidyNumber } from './tidy-number.ts';

/** Arithmetic on numbers and numeric texts, in doubles. */
export const arithmetic: HelperGroup = {
  add: calculation([2, Infinity], (...terms) => terms.reduce((sum, term) => sum + term)),
  sub: calculation(2, (from, amount) => from - amount),
  mul: calculation([2, Infinity], (...factors) => factors.reduce((product, factor) => product * factor)),
  div: calculation(2, (dividend, divisor) => dividend / nonZero(divisor)),
  mod: calculation(2, (dividend, divisor) => dividend % nonZero(divisor)),
  neg: calculation(1, (value) => -value),
  abs: calculation(1, Math.abs),
  min: calculation([1, Infinity], Math.min),
  max: calculation([1, Infinity], Math.max),
  ceil: calculation(1, Math.ceil),
  floor: calculation(1, Math.floor),
  round: calculation([1, 2], round),
  truncate: calculation(1, Math.trunc),
};

function calculation(takes: Helper['takes'], calculate: (...numbers: number[]) => number): Helper {
  return { takes, run: (values) => tidyNumber(calculate(...values.map(asNumber))) };
}

function nonZero(divisor: number): number {
  if (divisor === 0) throw new TemplateError('division by zero');
  return divisor;
}

/** Halves go away from zero, as people round. */
function round(value: number, digits = 0): number {
  if (!Number.isInteger(digits) || digits < 0 || digits > 15) throw new TemplateError(`expected 0 to 15 digits, got ${digits}`);
  const scale = 10 ** digits;
  return (Math.sign(value) * Math.round(tidyNumber(Math.abs(value) * scale))) / scale;
}
