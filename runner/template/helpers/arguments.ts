import { parseQuantity } from '../../model/quantity.ts';
import { describeValue } from '../describe-value.ts';
import { TemplateError } from '../template-error.ts';

const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Finite numbers, and texts that spell one in decimal: categories are texts also where they look like numbers. */
export function isNumeric(value: unknown): value is number | string {
  return typeof value === 'string' ? NUMERIC.test(value) && Number.isFinite(Number(value)) : Number.isFinite(value);
}

/** Throws TemplateError for what is not numeric. */
export function asNumber(value: unknown): number {
  if (isNumeric(value)) return Number(value);
  const isQuantity = typeof value === 'string' && parseQuantity(value) !== undefined;
  throw new TemplateError(`expected a number, got ${describeValue(value)}${isQuantity ? '; read a quantity with (quantity …)' : ''}`);
}

/** Throws TemplateError for what is neither a list nor, as Kubernetes returns lists, an object with `items`. */
export function asList(value: unknown): unknown[] {
  const list = isObject(value) && !Array.isArray(value) ? value.items : value;
  if (Array.isArray(list)) return list;
  throw new TemplateError(`expected a list, got ${describeValue(value)}`);
}

/** Throws TemplateError for scalars and null. */
export function asObject(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw new TemplateError(`expected an object, got ${describeValue(value)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
