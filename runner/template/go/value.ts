import { TemplateError } from '../template-error.ts';

/** A Go expression in Handlebars' words, and what is known of what it gives. */
export type Value = {
  text: string;
  form: 'path' | 'call' | 'literal';
  holds: Holds;
  literal?: string | number | boolean | null;
};

/** `object` is a Kubernetes object, `data` any part of one, `resources` a list such as `requests`, `assignment` a number or a category. */
export type Holds =
  | 'root'
  | 'trial'
  | 'trialStatus'
  | 'assignments'
  | 'assignment'
  | 'data'
  | 'object'
  | 'resources'
  | 'quantity'
  | 'time'
  | 'integer'
  | 'fraction'
  | 'text'
  | 'boolean';

export function pathValue(text: string, holds: Holds): Value {
  return { text, form: 'path', holds };
}

export function callValue(helper: string, args: readonly Value[], holds: Holds): Value {
  return { text: [helper, ...args.map(argumentText)].join(' '), form: 'call', holds };
}

export function literalValueOf(literal: string | number | boolean | null): Value {
  return { text: literalText(literal), form: 'literal', holds: literalHolds(literal), literal };
}

/** As an argument of a helper or a block. */
export function argumentText(value: Value): string {
  if (value.holds === 'root') throw new TemplateError('the whole of the data cannot be an argument here');
  return value.form === 'call' ? `(${value.text})` : value.text;
}

/** The value's field or item: a longer path where that can be, else a lookup. */
export function within(base: Value, key: string | number, holds: Holds): Value {
  const name = String(key);
  if (base.form === 'path' && !name.includes(']')) {
    const step = /^[A-Za-z_][\w-]*$/.test(name) && !RESERVED.has(name) ? name : `[${name}]`;
    return pathValue(base.text === '' ? step : `${base.text}.${step}`, holds);
  }
  return callValue('lookup', [base, literalValueOf(key)], holds);
}

/** Words that Handlebars takes for values. */
const RESERVED = new Set(['true', 'false', 'null', 'undefined', 'this']);

function literalHolds(literal: string | number | boolean | null): Holds {
  if (typeof literal === 'number') return Number.isInteger(literal) ? 'integer' : 'fraction';
  return typeof literal === 'boolean' ? 'boolean' : 'text';
}

function literalText(literal: string | number | boolean | null): string {
  if (typeof literal === 'string') return quoted(literal);
  const text = String(literal);
  // Handlebars reads no exponents, and helpers take a text that spells a number for the number.
  return typeof literal === 'number' && text.includes('e') ? quoted(text) : text;
}

/** Of escapes Handlebars knows the quote alone, so that a backslash before a quote cannot be written. */
function quoted(text: string): string {
  const mark = text.includes('"') && !text.includes("'") ? "'" : '"';
  if (text.endsWith('\\') || text.includes(`\\${mark}`)) {
    throw new TemplateError(`${JSON.stringify(text)} cannot be written in Handlebars: a backslash stands before a quote`);
  }
  return `${mark}${text.replaceAll(mark, `\\${mark}`)}${mark}`;
}
