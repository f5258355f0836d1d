import { knownNames } from '../known-names.ts';
import { TemplateError } from '../template-error.ts';
import { itemOf, itemHolds } from './fields.ts';
import { callValue, literalValueOf, type Holds, type Value } from './value.ts';

/** `condition`: only whether it is true matters, as in an `if`. */
type Translate = (args: readonly Value[], condition: boolean) => Value;
type GoFunction = { takes: readonly [fewest: number, most: number]; translate: Translate };

/**
 * A call of one of the functions that Red Sky's templates had (R§16.2), Go's own and sprig's, in Handlebars.
 * Throws TemplateError that names a function without counterpart.
 */
export function callFunction(name: string, args: readonly Value[], condition: boolean): Value {
  const known = FUNCTIONS.get(name);
  if (known === undefined) {
    throw new TemplateError(
      `the function "${name}" has no counterpart and cannot be translated; ${knownNames(name, [...FUNCTIONS.keys()])}`,
    );
  }
  const [fewest, most] = known.takes;
  if (args.length < fewest || args.length > most) {
    const range = fewest === most ? `${fewest}` : most === Infinity ? `${fewest} or more` : `${fewest} to ${most}`;
    throw new TemplateError(`${name} takes ${range} ${range === '1' ? 'argument' : 'arguments'}, got ${args.length}`);
  }
  return known.translate(args, condition);
}

const MANY = Infinity;

const ANCESTORS: Record<string, GoFunction> = {
  duration: same('duration', 2, 'fraction'),
  percent: same('percent', 2, 'integer'),
  resourceRequests: same('resourceRequests', 2, 'fraction'),
  indexResource: same('indexResource', 2, 'quantity'),
  ...Object.fromEntries(['KB', 'MB', 'GB', 'KiB', 'MiB', 'GiB'].map((name) => [name, same(name, 1, 'text')])),
  ...Object.fromEntries(['cpuUtilization', 'memoryUtilization', 'cpuRequests', 'memoryRequests'].map((name) => [name, utilization(name)])),
};

const GO: Record<string, GoFunction> = {
  index: { takes: [2, MANY], translate: ([base, ...keys]) => keys.reduce(indexOne, base!) },
  len: same('length', 1, 'integer'),
  printf: same('printf', [1, MANY], 'text'),
  print: { takes: [1, MANY], translate: print },
  not: { takes: [1, 1], translate: (args) => callValue('not', args, 'boolean') },
  and: {
    takes: [1, MANY],
    translate: (args, condition) => {
      if (args.length === 1) return args[0]!;
      if (!condition) throw new TemplateError('"and" gives one of its values here, which has no counterpart; write an if');
      return callValue('and', args, 'boolean');
    },
  },
  or: {
    takes: [1, MANY],
    translate: (args, condition) => (condition && args.length > 1 ? callValue('or', args, 'boolean') : firstTrue(args)),
  },
  eq: {
    takes: [2, MANY],
    translate: ([value, ...others]) => {
      const comparisons = others.map((other) => callValue('eq', [value!, other], 'boolean'));
      return comparisons.length === 1 ? comparisons[0]! : callValue('or', comparisons, 'boolean');
    },
  },
  ne: same('ne', 2, 'boolean'),
  lt: same('lt', 2, 'boolean'),
  le: same('le', 2, 'boolean'),
  gt: same('gt', 2, 'boolean'),
  ge: same('ge', 2, 'boolean'),
};

/** Sprig's arithmetic without `f` at its end is one of integers: fractions are cut off before and after. */
const SPRIG: Record<string, GoFunction> = {
  add: integers('add', [1, MANY]),
  add1: { takes: [1, 1], translate: ([value]) => callValue('add', [whole(value!), literalValueOf(1)], 'integer') },
  sub: integers('sub', [2, 2]),
  mul: integers('mul', [1, MANY]),
  div: { takes: [2, 2], translate: (args) => callValue('truncate', [callValue('div', args.map(whole), 'fraction')], 'integer') },
  mod: integers('mod', [2, 2]),
  min: integers('min', [1, MANY]),
  max: integers('max', [1, MANY]),
  biggest: integers('max', [1, MANY]),
  addf: fractions('add'),
  subf: fractions('sub'),
  mulf: fractions('mul'),
  divf: fractions('div'),
  minf: same('min', [1, MANY], 'fraction'),
  maxf: same('max', [1, MANY], 'fraction'),
  ceil: same('ceil', 1, 'integer'),
  floor: same('floor', 1, 'integer'),
  round: { takes: [2, 3], translate: round },
  int: { takes: [1, 1], translate: ([value]) => toInteger(value!) },
  int64: { takes: [1, 1], translate: ([value]) => toInteger(value!) },
  atoi: { takes: [1, 1], translate: ([value]) => toInteger(value!) },
  float64: same('number', 1, 'fraction'),
  toString: same('string', 1, 'text'),
  toJson: same('json', 1, 'text'),
  quote: { takes: [1, MANY], translate: (args) => quoteAll(args) },
  squote: { takes: [1, 1], translate: ([value]) => callValue('concat', [literalValueOf("'"), value!, literalValueOf("'")], 'text') },
  trunc: same('trunc', 2, 'text'),
  lower: same('lower', 1, 'text'),
  upper: same('upper', 1, 'text'),
  trim: same('trim', 1, 'text'),
  replace: { takes: [3, 3], translate: ([from, to, text]) => callValue('replace', [text!, from!, to!], 'text') },
  splitList: { takes: [2, 2], translate: ([separator, text]) => callValue('split', [text!, separator!], 'data') },
  join: { takes: [2, 2], translate: ([separator, list]) => callValue('join', [list!, separator!], 'text') },
  default: { takes: [2, 2], translate: (args) => callValue('default', args, args[1]!.holds) },
  coalesce: { takes: [1, MANY], translate: firstTrue },
  empty: { takes: [1, 1], translate: (args) => callValue('not', args, 'boolean') },
};

const FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map(Object.entries({ ...SPRIG, ...GO, ...ANCESTORS }));

function same(helper: string, takes: number | readonly [number, number], holds: Holds): GoFunction {
  return { takes: typeof takes === 'number' ? [takes, takes] : takes, translate: (args) => callValue(helper, args, holds) };
}

function utilization(helper: string): GoFunction {
  const translate: Translate = ([root, ...selectors]) => {
    if (root!.holds !== 'root') throw new TemplateError(`${helper} takes the dot first: {{ ${helper} . "app=checkout" }}`);
    return callValue(helper, selectors, 'text');
  };
  return { takes: [1, MANY], translate };
}

function integers(helper: string, takes: readonly [number, number]): GoFunction {
  return { takes, translate: (args) => (args.length === 1 ? whole(args[0]!) : callValue(helper, args.map(whole), 'integer')) };
}

function fractions(helper: string): GoFunction {
  return { takes: [2, MANY], translate: (args) => args.reduce((left, right) => callValue(helper, [left, right], 'fraction')) };
}

function whole(value: Value): Value {
  if (value.holds !== 'fraction') return value;
  return typeof value.literal === 'number' ? literalValueOf(Math.trunc(value.literal)) : callValue('truncate', [value], 'integer');
}

function toInteger(value: Value): Value {
  return value.holds === 'fraction' ? whole(value) : callValue('int', [value], 'integer');
}

function round([value, digits, halves]: readonly Value[]): Value {
  if (halves !== undefined && halves.literal !== 0.5) throw new TemplateError('round rounds halves here; leave its third argument out');
  return digits!.literal === 0 ? callValue('round', [value!], 'integer') : callValue('round', [value!, digits!], 'fraction');
}

function quoteAll(args: readonly Value[]): Value {
  const quoted = args.map((arg) => callValue('quote', [arg], 'text'));
  const spaced = quoted.flatMap((each, index) => (index === 0 ? [each] : [literalValueOf(' '), each]));
  return quoted.length === 1 ? quoted[0]! : callValue('concat', spaced, 'text');
}

/** Go puts spaces between operands of which neither is a text, and what an assignment is it knows only when it runs. */
function print(args: readonly Value[]): Value {
  if (args.length === 1) return callValue('string', args, 'text');
  if (args.some(({ holds }) => holds !== 'text')) throw new TemplateError('print of several values has no counterpart; write printf');
  return callValue('concat', args, 'text');
}

/** The first value that is true, or the last. */
function firstTrue(args: readonly Value[]): Value {
  return args.reduceRight((instead, value) => callValue('default', [instead, value], value.holds));
}

function indexOne(base: Value, key: Value): Value {
  const literal = key.literal;
  if (typeof literal === 'string' || typeof literal === 'number') return itemOf(base, literal);
  if (base.holds === 'root') throw new TemplateError('index takes .Values or a part of .Target');
  if (base.holds === 'resources') return callValue('indexResource', [base, key], 'quantity');
  return callValue('lookup', [base, key], itemHolds(base));
}
