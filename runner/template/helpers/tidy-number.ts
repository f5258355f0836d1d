import { TemplateError } from '../template-error.ts';

/**
 * A result as people expect it: fifteen significant digits, all that a double keeps, so that 0.1 + 0.2 is 0.3; integers as they are.
 * Throws TemplateError for results that are not finite.
 */
export function tidyNumber(value: number): number {
  if (!Number.isFinite(value)) throw new TemplateError('the result is too large');
  // Adding zero makes -0, which YAML would write as -0.0, an ordinary 0.
  return Number.isInteger(value) ? value + 0 : Number(value.toPrecision(15));
}
